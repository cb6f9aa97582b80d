<#
.SYNOPSIS
Smoke tests of a deployment of the API, which only read.

.DESCRIPTION
Asks with GET and HEAD, follows no redirect, and writes a line for each test, PASS or FAIL, with what was measured. Exit code: 0 all
passed, 1 otherwise, 64 usage. Tests/Support/smoke_readonly.sh makes the same tests on Linux: change both.

.PARAMETER BaseUrl
The public URL of the API. Plain http:// is for a server on this machine.

.PARAMETER AdminUserId
The UUID of an admin, which goes out as X-User-ID.

.EXAMPLE
.\smoke_readonly.ps1 -BaseUrl "https://yourdomain.com" -AdminUserId "11111111-2222-4333-8444-555555555555"
#>
#Requires -Version 5.1
[CmdletBinding()]
param(
    [string] $BaseUrl,
    [string] $AdminUserId
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# Enough for an answer that is of any use to a user, and the rollback must begin within minutes.
$millisecondsMax = 10000
# More than any answer of these endpoints.
$bytesMax = 1048576
# Names below .invalid belong to nobody (RFC 2606), so no allowlist has this origin.
$foreignOrigin = 'https://smoke-test.invalid'

function Exit-Usage([string] $Message) {
    [Console]::Error.WriteLine("error: $Message")
    [Console]::Error.WriteLine('usage: smoke_readonly.ps1 -BaseUrl URL -AdminUserId UUID')
    exit 64
}

# Not mandatory above: Windows PowerShell would ask for what is missing, and a script that runs unattended would hang.
if (-not $BaseUrl -or -not $AdminUserId) { Exit-Usage 'both parameters are needed' }
$server = $BaseUrl -replace '/\z', ''
$isUrl = '^https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?\z'
if ($server -cnotmatch $isUrl) { Exit-Usage "'$BaseUrl' is not the URL of a server" }
if ($server -cnotmatch '^(https://|http://(127\.0\.0\.1|localhost|\[::1\])([:/]|\z))') {
    Exit-Usage 'the URL must begin with https://: the identity of the admin would be sent in clear text'
}
if ($AdminUserId -notmatch '^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\z') { Exit-Usage "'$AdminUserId' is not a UUID" }

# Windows PowerShell may leave TLS 1.2 out. 0 means what the system has, and stays.
if ([int] [System.Net.ServicePointManager]::SecurityProtocol -ne 0) {
    [System.Net.ServicePointManager]::SecurityProtocol =
        [System.Net.ServicePointManager]::SecurityProtocol -bor [System.Net.SecurityProtocolType]::Tls12
}

$script:passed = 0
$script:failed = 0

function Write-Pass([string] $Test, [string] $Evidence) {
    $script:passed += 1
    Write-Host "PASS  ${Test}: $Evidence"
}

function Write-Fail([string] $Test, [string] $Evidence) {
    $script:failed += 1
    Write-Host "FAIL  ${Test}: $Evidence"
}

# PowerShell wraps what a method throws. Nothing when there is no such exception inside.
function Get-WebException([System.Exception] $Exception) {
    while ($null -ne $Exception -and $Exception -isnot [System.Net.WebException]) { $Exception = $Exception.InnerException }
    return $Exception
}

function Get-Problem([System.Exception] $Exception) {
    $web = Get-WebException $Exception
    if ($null -eq $web) { return $Exception.GetBaseException().Message }
    switch ("$($web.Status)") {
        'NameResolutionFailure' { return 'the name of the server is not known' }
        'ConnectFailure' { return 'the connection was refused' }
        'Timeout' { return "no whole answer within $($millisecondsMax / 1000) s" }
        'TrustFailure' { return 'the certificate or the TLS handshake was not accepted' }
        'SecureChannelFailure' { return 'the certificate or the TLS handshake was not accepted' }
        'ConnectionClosed' { return 'the connection ended before the answer did' }
        'ReceiveFailure' { return 'the connection ended before the answer did' }
        'KeepAliveFailure' { return 'the connection ended before the answer did' }
    }
    return "the request ended with $($web.Status)"
}

# Asks a URL. HttpWebRequest and not Invoke-WebRequest: in Windows PowerShell that one throws the answer of an error away, and
# its time limit does not bound the body.
function Get-Answer([string] $Method, [string] $Url, [hashtable] $Headers) {
    $answer = @{ Status = 0; Milliseconds = 0; Type = ''; Body = ''; Headers = @{}; Problem = '' }
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $request = $null
    $response = $null
    try {
        $request = [System.Net.HttpWebRequest] [System.Net.WebRequest]::Create($Url)
        $request.Method = $Method
        $request.AllowAutoRedirect = $false
        $request.KeepAlive = $false
        $request.Timeout = $millisecondsMax
        $request.ReadWriteTimeout = $millisecondsMax
        $request.UserAgent = 'smoke_readonly'
        foreach ($name in $Headers.Keys) { $request.Headers.Add($name, $Headers[$name]) }
        try {
            $response = $request.GetResponse()
        } catch {
            # An answer from 400 on is an exception, and has the answer inside.
            $web = Get-WebException $_.Exception
            if ($null -eq $web -or $null -eq $web.Response) { throw }
            $response = $web.Response
        }
        $answer.Status = [int] $response.StatusCode
        $answer.Type = [string] $response.ContentType
        foreach ($name in $response.Headers.AllKeys) { $answer.Headers[$name] = [string] $response.Headers[$name] }

        $stream = $response.GetResponseStream()
        $buffer = New-Object byte[] 65536
        $body = New-Object System.IO.MemoryStream
        while ($true) {
            $remaining = $millisecondsMax - $watch.ElapsedMilliseconds
            if ($remaining -le 0) { throw "no whole answer within $($millisecondsMax / 1000) s" }
            if ($stream.CanTimeout) { $stream.ReadTimeout = [int] $remaining }
            $count = $stream.Read($buffer, 0, $buffer.Length)
            if ($count -le 0) { break }
            $body.Write($buffer, 0, $count)
            if ($body.Length -gt $bytesMax) { throw "the answer has more than $bytesMax bytes" }
        }
        $answer.Body = [System.Text.Encoding]::UTF8.GetString($body.ToArray())
    } catch {
        $answer.Problem = Get-Problem $_.Exception
        # Otherwise closing an answer waits for the rest of it.
        if ($null -ne $request) { $request.Abort() }
    } finally {
        if ($null -ne $response) { $response.Close() }
    }
    $answer.Milliseconds = $watch.ElapsedMilliseconds
    return $answer
}

# The value of a header of an answer; empty without it. The keys of a hashtable are not sensitive to case.
function Get-Header([hashtable] $Answer, [string] $Name) {
    if ($Answer.Headers.ContainsKey($Name)) { return $Answer.Headers[$Name].Trim() }
    return ''
}

# The same rule as in the script for Linux, which cannot read JSON: the type, and the ends of the text.
function Test-JsonObject([hashtable] $Answer) {
    if (($Answer.Type -split ';')[0].Trim() -notmatch '^application/([a-z0-9.-]+\+)?json\z') { return $false }
    $text = $Answer.Body.Trim()
    return $text.StartsWith('{') -and $text.EndsWith('}')
}

$asAdmin = @{ 'X-User-ID' = $AdminUserId }
$asAdminElsewhere = @{ 'X-User-ID' = $AdminUserId; 'Origin' = $foreignOrigin }

# An endpoint that answers an admin with 200 and JSON.
function Test-Document([string] $Test, [string] $Path) {
    $answer = Get-Answer 'GET' ($server + $Path) $asAdmin
    if ($answer.Problem) { Write-Fail $Test $answer.Problem; return }
    if ($answer.Status -ne 200) { Write-Fail $Test "$($answer.Status), expected 200"; return }
    if (-not (Test-JsonObject $answer)) {
        $type = if ($answer.Type) { $answer.Type } else { 'no content type' }
        Write-Fail $Test "200, and the answer is not a JSON object ($type)"
        return
    }
    Write-Pass $Test "200 in $($answer.Milliseconds) ms"
}

function Test-Refusal([string] $Test, [string] $Path) {
    $answer = Get-Answer 'GET' ($server + $Path) @{}
    if ($answer.Problem) { Write-Fail $Test $answer.Problem; return }
    if ($answer.Status -notin 401, 403) { Write-Fail $Test "$($answer.Status), expected 401 or 403"; return }
    Write-Pass $Test "$($answer.Status) in $($answer.Milliseconds) ms"
}

function Test-ForeignOrigin([string] $Test) {
    $answer = Get-Answer 'GET' "$server/api/ops/health" $asAdminElsewhere
    $allowed = Get-Header $answer 'Access-Control-Allow-Origin'
    if ($answer.Problem) { Write-Fail $Test $answer.Problem; return }
    if ($answer.Status -ne 200) { Write-Fail $Test "$($answer.Status), expected 200"; return }
    if ($allowed -eq '*' -or $allowed -eq $foreignOrigin) {
        Write-Fail $Test "Access-Control-Allow-Origin: $allowed lets a foreign origin read the answer"
        return
    }
    if (-not $allowed) { $allowed = 'none' }
    Write-Pass $Test "Access-Control-Allow-Origin: $allowed"
}

function Test-Hsts([string] $Test) {
    $answer = Get-Answer 'GET' "$server/api/ops/health" $asAdmin
    $value = Get-Header $answer 'Strict-Transport-Security'
    if ($answer.Problem) { Write-Fail $Test $answer.Problem; return }
    if ($value -notmatch 'max-age="?[1-9]') {
        if (-not $value) { $value = 'none' }
        Write-Fail $Test "Strict-Transport-Security: $value"
        return
    }
    Write-Pass $Test "Strict-Transport-Security: $value"
}

# Without an identity, which must not go out in clear text.
function Test-Redirect([string] $Test) {
    $answer = Get-Answer 'HEAD' ('http://' + $server.Substring('https://'.Length) + '/api/ops/health') @{}
    $location = Get-Header $answer 'Location'
    if ($answer.Problem) { Write-Fail $Test $answer.Problem; return }
    if ($answer.Status -notin 301, 302, 307, 308) { Write-Fail $Test "$($answer.Status), expected a redirect"; return }
    if ($location -notmatch '^https://') {
        if (-not $location) { $location = 'nowhere' }
        Write-Fail $Test "$($answer.Status) to $location, expected https://"
        return
    }
    Write-Pass $Test "$($answer.Status) to $location"
}

Test-Document 'health' '/api/ops/health'
Test-Document 'rate limits' '/api/ops/rate_limits'
Test-Refusal 'rate limits without an identity' '/api/ops/rate_limits'
Test-ForeignOrigin 'a foreign origin'
# Plain HTTP is for a server on this machine, which has neither.
if ($server -cmatch '^https://') {
    Test-Hsts 'HSTS'
    # With a port of its own the server's other port is not known.
    if ($server -notmatch '^https://[^/]*:[0-9]+(/|\z)') { Test-Redirect 'plain HTTP' }
}

Write-Host "$($script:passed + $script:failed) tests: $($script:passed) passed, $($script:failed) failed"
if ($script:failed -ne 0) { exit 1 }
exit 0
