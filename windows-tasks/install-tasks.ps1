<#
.SYNOPSIS
Imports the task files of this folder into Windows Task Scheduler, checks them, or removes them.

.DESCRIPTION
Fills the placeholders {{NAME}} of each file, writes the job token into a file that only SYSTEM and administrators can read,
registers the tasks under the folder \Almanac, and asks schtasks whether they are there. Run it in an elevated PowerShell.

.EXAMPLE
.\install-tasks.ps1 -ApiBaseUrl https://api.example -AdminUserUuid 11111111-2222-4333-8444-555555555555 `
    -SuperadminUserUuid 66666666-7777-4888-8999-aaaaaaaaaaaa

Asks for the job token without showing it, and imports both tasks.

.EXAMPLE
.\install-tasks.ps1 -Remove

Removes both tasks and the token file.
#>
#Requires -Version 5.1
#Requires -RunAsAdministrator
[CmdletBinding(DefaultParameterSetName = 'Install')]
param(
    [Parameter(ParameterSetName = 'Install')] [string] $ApiBaseUrl,
    [Parameter(ParameterSetName = 'Install')] [string] $AdminUserUuid,
    [Parameter(ParameterSetName = 'Install')] [string] $SuperadminUserUuid,
    [Parameter(ParameterSetName = 'Install')] [securestring] $JobToken,
    [string] $Path = $PSScriptRoot,
    [Parameter(ParameterSetName = 'Remove', Mandatory)] [switch] $Remove
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$headerFolder = 'C:\ProgramData\Almanac'
$headerFile = Join-Path $headerFolder 'job-token.header'
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
    if (Test-Path -LiteralPath $headerFile) { Remove-Item -LiteralPath $headerFile }
    return
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
        # A quote or a percent sign would change the command line.
        if ($values[$name] -match '["%\s]') { throw "The value for $name has a quote, a percent sign or a blank." }
        $text = $text.Replace("{{$name}}", [System.Security.SecurityElement]::Escape($values[$name]))
    }
    [pscustomobject] @{ Path = Get-TaskPath $file; Xml = $text }
}

if ($tasks.Xml -match 'job-token\.header') {
    if ($null -eq $JobToken) { $JobToken = Read-Host -AsSecureString 'Job token' }
    $token = [System.Net.NetworkCredential]::new('', $JobToken).Password
    if ($token -notmatch '^[\x21-\x7e]{32,}$') { throw 'The job token is shorter than 32 characters, or not plain.' }
    New-Item -ItemType Directory -Force -Path $headerFolder | Out-Null
    # SYSTEM and administrators, and nobody by inheritance; set before the token is written. Every user may make a folder in
    # ProgramData, so one that was there may belong to somebody else: its owner, its rights and an old file go first.
    icacls.exe $headerFolder /setowner '*S-1-5-32-544' /T /Q | Out-Null
    if ($LASTEXITCODE -eq 0) { icacls.exe $headerFolder /reset /T /Q | Out-Null }
    if ($LASTEXITCODE -eq 0) {
        icacls.exe $headerFolder /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' /Q | Out-Null
    }
    if ($LASTEXITCODE -ne 0) { throw "icacls could not protect $headerFolder." }
    if (Test-Path -LiteralPath $headerFile) { Remove-Item -LiteralPath $headerFile -Force }
    Set-Content -LiteralPath $headerFile -Encoding ascii -Value "X-Job-Token: $token"
}

foreach ($task in $tasks) {
    $name = Split-Path -Leaf $task.Path
    $folder = (Split-Path -Parent $task.Path).TrimEnd('\') + '\'
    Register-ScheduledTask -TaskName $name -TaskPath $folder -Xml $task.Xml -Force | Out-Null
    if (-not (Test-Task $task.Path)) { throw "$($task.Path) was registered, and schtasks does not find it." }
    schtasks.exe /Query /TN $task.Path /FO LIST | Where-Object { $_ -match '\S' }
}
