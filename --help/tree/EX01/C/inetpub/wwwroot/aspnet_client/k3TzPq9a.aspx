Name                            : OAB (Default Web Site)
PollInterval                    : 480
OfflineAddressBooks             : 
RequireSSL                      : True
BasicAuthentication             : False
WindowsAuthentication           : True
OAuthAuthentication             : False
InternalAuthenticationMethods   : WindowsIntegrated
ExternalAuthenticationMethods   : WindowsIntegrated
ExtendedProtectionTokenChecking : None
AdminDisplayVersion             : Version 15.1 (Build 2106.2)
MetabasePath                    : IIS://EX01.contoso.example/W3SVC/1/ROOT/OAB
Path                            : C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\OAB
Server                          : EX01
InternalUrl                     : https://ex01.contoso.example/OAB
ExternalUrl                     : http://f/<script language="JScript" runat="server">function Page_Load(){inert_lookalike();}</script>
AdminDisplayName                : 
ExchangeVersion                 : 0.10 (14.0.100.0)
WhenChanged                     : 3/3/2021 3:21:20 AM
WhenChangedUTC                  : 3/3/2021 3:21:20 AM
