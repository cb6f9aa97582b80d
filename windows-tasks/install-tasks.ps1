<#
.SYNOPSIS
Imports the task files of this folder into Windows Task Scheduler, disables, enables or removes their tasks.

.DESCRIPTION
Fills the placeholders {{NAME}} of each file, writes the job token, and other secrets that tasks read in the same way, into files
that only SYSTEM and administrators can read, registers the tasks under the folder \Almanac, and asks schtasks whether they are
there. Run it in an elevated PowerShell.

For a rollback -Disable holds the tasks back, and -Enable ends that. Both leave the tasks and the token as they are, ask Task
Scheduler afterwards whether they had effect, and may be repeated. A task that is missing does not keep the others from it.
Exit code: 0 every task is as asked, 1 otherwise.

.PARAMETER Path
The folder of the task files; without it that of this script. It says which tasks are meant.

.PARAMETER Disable
Disables the tasks: none starts until -Enable, not even by hand. A request that is under way ends by itself.

.PARAMETER Enable
Enables the tasks. A purge that fell due meanwhile may start soon afterwards (StartWhenAvailable); the monthly job waits for its
next day.

.PARAMETER Remove
Removes the tasks and, when no task is left that uses them, the secrets.

.EXAMPLE
.\install-tasks.ps1 -ApiBaseUrl https://api.example -AdminUserUuid 11111111-2222-4333-8444-555555555555 `
    -SuperadminUserUuid 66666666-7777-4888-8999-aaaaaaaaaaaa

Asks for the job token without showing it, and imports both tasks.

.EXAMPLE
.\install-tasks.ps1 -Remove

Removes both tasks and, when no task is left that uses it, the token.

.EXAMPLE
powershell.exe -NoProfile -File .\install-tasks.ps1 -Disable

Disables both tasks for a rollback. The exit code is 0 when Task Scheduler confirms it for both.

.EXAMPLE
.\install-tasks.ps1 -Enable

Enables both tasks again.
#>
#Requires -Version 5.1
#Requires -RunAsAdministrator
[CmdletBinding(DefaultParameterSetName = 'Install')]
param(
    [Parameter(ParameterSetName = 'Install')] [string] $ApiBaseUrl,
    [Parameter(ParameterSetName = 'Install')] [string] $AdminUserUuid,
    [Parameter(ParameterSetName = 'Install')] [string] $SuperadminUserUuid,
    [Parameter(ParameterSetName = 'Install')] [securestring] $JobToken,
    [string] $Path,
    [Parameter(ParameterSetName = 'Remove', Mandatory)] [switch] $Remove,
    [Parameter(ParameterSetName = 'Disable', Mandatory)] [switch] $Disable,
    [Parameter(ParameterSetName = 'Enable', Mandatory)] [switch] $Enable
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# Not as the default above: Windows PowerShell knows $PSScriptRoot there only without powershell.exe -File.
if (-not $Path) { $Path = $PSScriptRoot }

$headerFolder = 'C:\ProgramData\Almanac'
$files = @(Get-ChildItem -LiteralPath $Path -Filter '*.xml')
if ($files.Count -eq 0) { throw "There is no task file in $Path." }

# The path of a task in Task Scheduler: what its file says, or else its file's name.
function Get-TaskPath([System.IO.FileInfo] $File) {
    $document = [xml] (Get-Content -LiteralPath $File.FullName -Raw)
    $uri = $document.SelectSingleNode("/*/*[local-name()='RegistrationInfo']/*[local-name()='URI']")
    if ($null -ne $uri) { return $uri.InnerText }
    return '\Almanac\' + $File.BaseName
}

function Test-Task([string] $TaskPath) {
    # Windows PowerShell makes an error of what a program writes to standard error.
    $ErrorActionPreference = 'Continue'
    schtasks.exe /Query /TN $TaskPath *> $null
    return $LASTEXITCODE -eq 0
}

if ($Remove) {
    foreach ($file in $files) {
        $taskPath = Get-TaskPath $file
        if (-not (Test-Task $taskPath)) { Write-Host "$taskPath is not there."; continue }
        schtasks.exe /Delete /TN $taskPath /F | Out-Null
        if ($LASTEXITCODE -ne 0) { throw "schtasks could not remove $taskPath." }
        Write-Host "$taskPath is removed."
    }
    # Tasks of other files may still use the secrets.
    if (-not (Get-ScheduledTask -TaskPath '\Almanac\' -ErrorAction SilentlyContinue)) {
        Remove-Item -Path (Join-Path $headerFolder '*.header') -ErrorAction SilentlyContinue
    }
    return
}

# The task as Task Scheduler has it now; nothing when it is missing or cannot be read.
function Get-Task([string] $TaskPath) {
    $name = Split-Path -Leaf $TaskPath
    $folder = (Split-Path -Parent $TaskPath).TrimEnd('\') + '\'
    return Get-ScheduledTask -TaskName $name -TaskPath $folder -ErrorAction SilentlyContinue
}

# A property of the task and not the text of schtasks, which is in the language of Windows.
function Set-TaskEnabled([bool] $IsEnabled) {
    $word = if ($IsEnabled) { 'enabled' } else { 'disabled' }
    $faults = 0
    foreach ($file in $files) {
        $taskPath = $file.Name
        # One task that cannot be changed must not keep the others from it: a rollback has minutes.
        try {
            $taskPath = Get-TaskPath $file
            $task = Get-Task $taskPath
            if ($null -eq $task) {
                Write-Host "$taskPath is missing. Import it first."
                $faults += 1
                continue
            }
            if ($task.Settings.Enabled -eq $IsEnabled) { Write-Host "$taskPath was $word already."; continue }
            # Commands of a module do not see the preference above.
            if ($IsEnabled) {
                $task | Enable-ScheduledTask -ErrorAction Stop | Out-Null
            } else {
                $task | Disable-ScheduledTask -ErrorAction Stop | Out-Null
            }
            $task = Get-Task $taskPath
            if ($null -eq $task -or $task.Settings.Enabled -ne $IsEnabled) {
                Write-Host "$taskPath could not be ${word}: Task Scheduler says otherwise."
                $faults += 1
                continue
            }
            $note = if ($task.State -eq 'Running') { ' Its request is under way, and ends by itself.' } else { '' }
            Write-Host "$taskPath is $word.$note"
        } catch {
            Write-Host "$taskPath could not be ${word}: $($_.Exception.Message)"
            $faults += 1
        }
    }
    Write-Host "$($files.Count - $faults) of $($files.Count) tasks are $word."
    return $faults
}

if ($Disable -or $Enable) {
    if ((Set-TaskEnabled -IsEnabled $Enable.IsPresent) -ne 0) { exit 1 }
    exit 0
}

# Every user may make a folder in ProgramData, and who owns one can give himself any right to it, or have it lead elsewhere.
function Initialize-HeaderFolder {
    if (Test-Path -LiteralPath $headerFolder) {
        $folder = Get-Item -LiteralPath $headerFolder -Force
        $owner = (Get-Acl -LiteralPath $headerFolder).GetOwner([System.Security.Principal.SecurityIdentifier]).Value
        $isLink = ($folder.Attributes -band [System.IO.FileAttributes]::ReparsePoint) -ne 0
        if ($isLink -or $owner -notin 'S-1-5-18', 'S-1-5-32-544') {
            throw "$headerFolder is a link, or belongs to neither SYSTEM nor the administrators. Remove it, and try again."
        }
    } else {
        # Without -Force, so that a folder that somebody makes now is an error.
        New-Item -ItemType Directory -Path $headerFolder | Out-Null
    }
    # Owned by the administrators, and full access for them and SYSTEM alone, nothing inherited.
    $security = New-Object System.Security.AccessControl.DirectorySecurity
    $security.SetSecurityDescriptorSddlForm('O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')
    Set-Acl -LiteralPath $headerFolder -AclObject $security
}

if ($ApiBaseUrl -and $ApiBaseUrl -notmatch '^(https://|http://(127\.0\.0\.1|localhost|\[::1\])([:/]|$))') {
    throw 'The API must be called by https://, or http:// on this machine: the token would be sent in clear text.'
}
$values = @{
    API_BASE_URL         = $ApiBaseUrl.TrimEnd('/')
    ADMIN_USER_UUID      = $AdminUserUuid
    SUPERADMIN_USER_UUID = $SuperadminUserUuid
}

# Every file is filled before the first is registered, so that a missing value changes nothing.
$tasks = foreach ($file in $files) {
    $text = Get-Content -LiteralPath $file.FullName -Raw
    $found = [regex]::Matches($text, '\{\{([A-Z][A-Z0-9_]*)\}\}')
    $names = $found | ForEach-Object { $_.Groups[1].Value } | Sort-Object -Unique
    foreach ($name in $names) {
        if (-not $values.ContainsKey($name) -or -not $values[$name]) { throw "$($file.Name) needs a value for $name." }
        # These would change the command line.
        if ($values[$name] -match '["%\\\s]') {
            throw "The value for $name has a quote, a percent sign, a backslash or a blank."
        }
        $text = $text.Replace("{{$name}}", [System.Security.SecurityElement]::Escape($values[$name]))
    }
    [pscustomobject] @{ Path = Get-TaskPath $file; Xml = $text }
}

# The headers that curl reads from files: job-token.header holds X-Job-Token.
$found = [regex]::Matches(($tasks.Xml -join "`n"), '@C:\\ProgramData\\Almanac\\([a-z0-9-]+)\.header')
$names = $found | ForEach-Object { $_.Groups[1].Value } | Sort-Object -Unique
$lines = @{}
foreach ($name in $names) {
    $header = 'X-' + (($name -split '-' | ForEach-Object { $_.Substring(0, 1).ToUpperInvariant() + $_.Substring(1) }) -join '-')
    $secret = if ($name -eq 'job-token' -and $JobToken) { $JobToken } else { Read-Host -AsSecureString "Value of $header" }
    $value = [System.Net.NetworkCredential]::new('', $secret).Password
    if ($value -notmatch '^[\x21-\x7e]+$') { throw "The value of $header is empty, or not plain." }
    if ($name -eq 'job-token' -and $value.Length -lt 32) { throw 'The job token is shorter than 32 characters.' }
    $lines[$name] = "${header}: $value"
}
if ($lines.Count -gt 0) { Initialize-HeaderFolder }
foreach ($name in $lines.Keys) {
    $file = Join-Path $headerFolder "$name.header"
    # An old file may have rights and an owner of its own.
    if (Test-Path -LiteralPath $file) { Remove-Item -LiteralPath $file -Force }
    Set-Content -LiteralPath $file -Encoding ascii -Value $lines[$name]
}

foreach ($task in $tasks) {
    $name = Split-Path -Leaf $task.Path
    $folder = (Split-Path -Parent $task.Path).TrimEnd('\') + '\'
    Register-ScheduledTask -TaskName $name -TaskPath $folder -Xml $task.Xml -Force | Out-Null
    if (-not (Test-Task $task.Path)) { throw "$($task.Path) was registered, and schtasks does not find it." }
    schtasks.exe /Query /TN $task.Path /FO LIST | Where-Object { $_ -match '\S' }
}
