#include "base/limits.h"
#include "cli/help.h"
#include "cli/opt.h"
#include "cli/suggest.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { ARENA_BYTES = 512 * 1024 * 1024 };

/* How to add a command
 *  1. Write src/cli/cmd_NAME.c: a struct of values, a table of option_defs that fills it, and
 *     cmd_NAME(), which calls one capability and prints its answer. List it in src/cli/meson.build.
 *  2. Declare the three in cmd.h and add a row below; rows of a group, and of commands that share
 *     their first word, stand together.
 *  3. Run script/test: tests/cli/help.sh checks that help, man page and completions know it, and
 *     tests/cli/ wants a test of what it does.
 * Nothing else: help, man page, JSON and completions are written from this table. */

static const struct example scan_examples[] = {
    {"tocsin scan /evidence/EX01", "scan a copied log folder with the dossiers inside the program"},
    {"tocsin scan --json -o answer.jsonl --host EX01 u_ex210303.log",
     "JSON Lines into a file, for one log whose host is known"},
    {"zcat iis.gz | tocsin scan --host EX01 -", "read standard input"},
    {"tocsin scan --rules ./sigma/rules/web --since 2021-02-26 logs/",
     "also try a folder of Sigma rules, on rows from that day on"},
    {0},
};
static const struct example dump_examples[] = {
    {"tocsin dump Security.evtx | jq -c 'select(.Event.System.EventID == 1102)'",
     "records of one kind"},
    {"tocsin dump --xml System.evtx", "XML, a record a line"},
    {"zcat Security.evtx.gz | tocsin dump --carve -",
     "read standard input, and look for old records"},
    {0},
};
static const struct example exposure_examples[] = {
    {"tocsin exposure servers.csv", "how much of a fleet is open, and what to install first"},
    {"tocsin exposure --as-of 2021-03-08 --json inventory/ scan.xml",
     "several sources as of a day, each host and CVE as one object"},
    {"tocsin exposure --live --hosts servers.txt --dry-run", "what would be asked of your servers"},
    {"tocsin exposure --explain EX01 CVE-2021-26855 servers.csv", "why the answer is what it is"},
    {"tocsin exposure --fail-on kev --kev kev.json servers.csv",
     "for a job: exit with 1 only if something is open that attackers use"},
    {0},
};
static const struct example watch_examples[] = {
    {"tocsin watch result.json", "alerts from a Telegram export, as if it were read day by day"},
    {"tocsin watch --state watch.db --assets servers.csv feeds/",
     "what is new since the last run, first of all about what you run"},
    {"tocsin watch --map time=date,site=source,text=title posts.csv.gz", "a table of posts"},
    {"tocsin watch --state watch.db --ack 1f3a --reason 'patched'", "an alert is dealt with"},
    {0},
};
static const struct example selftest_examples[] = {
    {"tocsin selftest --null posts.jsonl.gz", "false alarms a week by lane, with an interval"},
    {0},
};
static const struct example timeline_examples[] = {
    {"tocsin scan --case c.case logs/ && tocsin timeline --case c.case",
     "what happened, in order, beside what was known in public"},
    {"tocsin timeline --case c.case --timesketch --grade attempt > timeline.jsonl",
     "for Timesketch, without probes"},
    {0},
};
static const struct example report_examples[] = {
    {"tocsin report --case c.case -o report.html", "one page for everybody who has to decide"},
    {"tocsin report --case c.case --format stix --tlp green -o case.json",
     "for another team: without users, mailboxes and internal names"},
    {0},
};
static const struct example note_examples[] = {
    {"tocsin note --case c.case 5c03aa --state own-scanner --by jd --why 'our test'",
     "a finding is set aside; the id may be cut as long as it is the only one"},
    {"tocsin note --case c.case EX03 --by jd --why 'disk image taken'", "a remark about a host"},
    {"tocsin note --case c.case --list", "what was said"},
    {0},
};
static const struct example advice_examples[] = {
    {"tocsin advice --case c.case", "what to do next, the most urgent first"},
    {"tocsin advice --case c.case --host EX01", "the steps of one server"},
    {"tocsin advice --case c.case --done P-02.isolate --by 'J. Doe' --why 'port 7 shut'",
     "a step is done"},
    {"tocsin advice --case c.case --template ed-21-02", "the numbers that CISA asked agencies for"},
    {0},
};
static const struct example init_examples[] = {
    {"tocsin init", "be asked for sector, country, products and contact"},
    {"tocsin init --sector healthcare --country NL --product 'Exchange Server'",
     "the same without questions"},
    {0},
};
static const struct example config_examples[] = {
    {"tocsin config --explain", "each setting, and the file and line that it comes from"},
    {0},
};
static const struct example diff_examples[] = {
    {"tocsin diff --case c.case", "what the last run changed"},
    {"tocsin diff --case c.case --type verdict 1 4",
     "verdicts after run 4 against those after run 1"},
    {0},
};
static const struct example verify_examples[] = {
    {"tocsin verify --case c.case", "nobody changed the case, and the evidence is what was read"},
    {"tocsin verify --case c.case --expect 5f6a6f65...", "nor is it another one"},
    {0},
};
static const struct example pack_examples[] = {
    {"tocsin pack --case c.case -o for-the-csirt && (cd for-the-csirt && sha256sum -c SHA256SUMS)",
     "for another team, with all log lines"},
    {0},
};
static const struct example case_merge_examples[] = {
    {"tocsin case merge --into all.case site-a.case site-b.case", "cases of two sites as one"},
    {0},
};
static const struct example case_purge_examples[] = {
    {"tocsin case purge --case c.case --before 2021-01-01 --by jd --why 'kept for a year'",
     "how much that would be; with --yes it is done"},
    {"tocsin case purge --case c.case --person 'CONTOSO\\jane' --person jane@example.net --by jd "
     "--why 'request of 3 May' --yes",
     "a person's name out of everything"},
    {0},
};
static const struct example extract_examples[] = {
    {"tocsin extract report.txt", "distinct values by kind, with how often each occurs"},
    {"tocsin extract --json chat.json.gz | jq -r 'select(.kind == \"cve\").value'",
     "one object an occurrence, here the CVEs alone"},
    {"pdftotext report.pdf - | tocsin extract -", "read standard input"},
    {0},
};
static const struct example backtest_examples[] = {
    {"tocsin backtest --labels kev.csv --train-until 2022-12-31 posts.jsonl.gz",
     "learn until the end of 2022, then see which alerts came before the listing"},
    {"tocsin backtest --labels kev.csv --train-until 2022-12-31 --map "
     "time=date,site=source,title=title,url=link rss.tsv --map time=first_seen,text=cve,url=url "
     "poc.tsv",
     "two tables with columns of their own, as one stream"},
    {0},
};
static const struct example coverage_examples[] = {
    {"tocsin rules coverage --rules ./sigma /evidence/EX01",
     "what of a collection can find anything in a copied folder"},
    {0},
};
static const struct example profile_examples[] = {
    {"tocsin rules profile --no-dossiers --rules ./sigma Security.evtx",
     "which rules of a collection are slow on such a log"},
    {0},
};
static const struct example lint_examples[] = {
    {"tocsin rules lint ./sigma/rules",
     "how many rules of a collection run, and why the others do not"},
    {"tocsin rules lint --json my-rule.yml", "one object a document"},
    {0},
};
static const struct example dossier_examples[] = {
    {"tocsin dossier lint ./my-dossier", "check a folder before it is used"},
    {0},
};
static const struct example baseline_examples[] = {
    {"tocsin baseline make --product 'Exchange Server 2019' --build 15.2.1544.4 -o cu14.csv "
     "/mnt/V15",
     "the files of a clean installation, for tocsin scan --baseline cu14.csv"},
    {0},
};
static const struct example completion_examples[] = {
    {"source <(tocsin completion bash)", "for this shell"},
    {0},
};

static const struct command commands[] = {
    {.name = "scan",
     .run = cmd_scan,
     .options = scan_option_defs,
     .values_size = &scan_values_size,
     .operands = "PATH...",
     .min_operands = 1,
     .max_operands = SIZE_MAX,
     .group = "what happened",
     .summary = "read logs and say what happened to each host",
     .about = "Reads log files and folders, tries the rules of the dossiers on them, and prints "
              "findings with their evidence, what was and what was not examined, and one verdict "
              "for each host and dossier. '-' is standard input. Files are opened read-only and "
              "parsed in worker processes that can do nothing but read what they are handed.\n\n"
              "Without --dossier, all dossiers inside the program are used. Times are UTC; a date "
              "alone is the start of that day.",
     .examples = scan_examples},
    {.name = "dump",
     .run = cmd_dump,
     .options = dump_option_defs,
     .values_size = &dump_values_size,
     .operands = "FILE...",
     .min_operands = 1,
     .max_operands = SIZE_MAX,
     .group = "what happened",
     .summary = "print the records of Windows event logs",
     .about =
         "Reads .evtx files, also cut and damaged ones, and prints one JSON object a record, or "
         "one line of XML, in the order of the file. What cannot be read is told on standard "
         "error with its place in the file; all other records are printed as if it were not "
         "there. '-' is standard input; gzip, zstd and xz are unpacked.\n\n"
         "Exits with 3 if anything could not be read.",
     .examples = dump_examples},
    {.name = "exposure",
     .run = cmd_exposure,
     .options = exposure_option_defs,
     .values_size = &exposure_values_size,
     .operands = "[INPUT...]",
     .max_operands = SIZE_MAX,
     .group = "which servers are open",
     .summary = "say which servers are open, since when, and what to install",
     .about =
         "Reads what is known of servers: inventories and exports, told by their first bytes; gz, "
         "zst and xz are unpacked. Says for each server and each known CVE whether it is exposed, "
         "mitigated, fixed, fixed only if also configured, or unknown, with the source and how "
         "exact it is, and how much of the fleet is open. Where sources contradict each other, the "
         "more recent and the more exact one decides, and the answer says so. A source that shows "
         "the cumulative update alone proves no fix that came with a security update.\n\n"
         "With --live, the hosts of --hosts are asked for their build: at most three GETs of each, "
         "one a second, over HTTPS with certificates verified. Without it nothing is asked of any "
         "server.\n\n"
         "Exits with 1 if something is open, 3 if nothing is but something is unknown or was not "
         "read.",
     .examples = exposure_examples},
    {.name = "timeline",
     .run = cmd_timeline,
     .options = timeline_option_defs,
     .values_size = &timeline_values_size,
     .operands = "",
     .group = "the case",
     .summary = "tell all events of a case in order of time",
     .about = "A case is a file in which scan, exposure and watch keep their answers (--case). Its "
              "timeline has findings, alerts, the days from which on a host was no longer open, "
              "where logs begin, end and fall silent, and the public events of the affairs that "
              "it speaks of. Times are UTC.",
     .examples = timeline_examples},
    {.name = "report",
     .run = cmd_report,
     .options = report_option_defs,
     .values_size = &report_values_size,
     .operands = "",
     .group = "the case",
     .summary = "write a case as a report, or as a file for other programs",
     .about = "Verdicts with what they rest on, the first hour, next steps, exposure, chatter, "
              "findings, the timeline, and what was not examined. The pages (html, md) are for the "
              "case's own people and name hosts and persons; every other format calls hosts "
              "host-1, host-2 and leaves out users, mailboxes, and internal names and addresses, "
              "unless --with-victim-data says otherwise. The same case gives the same bytes.",
     .examples = report_examples},
    {.name = "advice",
     .run = cmd_advice,
     .options = advice_option_defs,
     .values_size = &advice_values_size,
     .operands = "",
     .group = "the case",
     .summary = "say what to do next, and keep what is done",
     .about =
         "The steps of the plays whose conditions hold for the hosts of the case, the most urgent "
         "first, of equally urgent ones those of the worst host: what to do, on which hosts, why, "
         "how, the condition that chose it, and who says so. tocsin does none of them. Below "
         "them, known groups ranked by how far the case and your profile (tocsin init) fit what "
         "is publicly known of them; it says whose behaviour this is consistent with, never who "
         "it was.\n\n"
         "--done keeps in the case that a step is done, by whom and why; "
         "'tocsin note --state clear' takes it back.",
     .examples = advice_examples},
    {.name = "note",
     .run = cmd_note,
     .options = note_option_defs,
     .values_size = &note_values_size,
     .operands = "[ABOUT...]",
     .max_operands = SIZE_MAX,
     .group = "the case",
     .summary = "say in a case what is known of a finding or a host",
     .about =
         "ABOUT is the id of a finding or an alert, as much of it as makes it the only one, or "
         "the name of a host. With --state the verdicts are worked out anew by `report`: a "
         "finding that is the own scanner's or a false positive is set aside, shown with who "
         "said so and why, and never deleted. own-scanner lowers probes and tries alone. What "
         "is said last holds; the case keeps what was said before.",
     .examples = note_examples},
    {.name = "diff",
     .run = cmd_diff,
     .options = diff_option_defs,
     .values_size = &diff_values_size,
     .operands = "[FROM [TO]]",
     .max_operands = 2,
     .group = "the case",
     .summary = "say what changed in a case between two runs",
     .about = "Runs are numbered from 1; FROM 0 is the empty case. Without FROM, what the last run "
              "changed; without TO, up to the last one. A finding is gone if a later run read the "
              "same evidence and did not tell it again, as with other rules. Evidence itself is "
              "not compared.\n\n"
              "Exits with 1 if anything changed.",
     .examples = diff_examples},
    {.name = "verify",
     .run = cmd_verify,
     .options = verify_option_defs,
     .values_size = &verify_values_size,
     .operands = "",
     .group = "the case",
     .summary = "say whether a case and its evidence are what they were",
     .about = "Every object of a case is chained to the one before by its hash. Recomputes the "
              "chain and names each object that was changed, and reads the evidence again where it "
              "still lies where it was. Whoever can write the file can make a new chain: keep the "
              "end of the chain elsewhere, and compare it with --expect.\n\n"
              "Exits with 1 if anything is not as it was.",
     .examples = verify_examples},
    {.name = "pack",
     .run = cmd_pack,
     .options = pack_option_defs,
     .values_size = &pack_values_size,
     .operands = "",
     .group = "the case",
     .summary = "put all that a case says into a folder for another team",
     .about =
         "Makes a folder with the pages of the report, each kind of object as JSON Lines "
         "(findings with their log lines), the hashes of the evidence and of every file in it, "
         "the end of the chain, and a README that says what is what and how to check it. "
         "Nothing is left out or renamed: it holds what names the victim. The evidence itself "
         "is not in it. The same case gives the same bytes.\n\n"
         "Exits with 1 if the case is not what was written; the pack says so.",
     .examples = pack_examples},
    {.name = "case merge",
     .run = cmd_case_merge,
     .options = case_merge_option_defs,
     .values_size = &case_merge_values_size,
     .operands = "OTHER...",
     .min_operands = 1,
     .max_operands = SIZE_MAX,
     .group = "the case",
     .summary = "take the runs of other cases into one",
     .about = "Each run of the others is added with its own verb, times and program, in order of "
              "time; what was there already is passed over, so that a second merge adds nothing. "
              "Of each thing holds what the latest of all runs said. The chain of every case is "
              "looked at first, and one that does not hold is refused.",
     .examples = case_merge_examples},
    {.name = "case purge",
     .run = cmd_case_purge,
     .options = case_purge_option_defs,
     .values_size = &case_purge_values_size,
     .operands = "",
     .group = "the case",
     .summary = "take out of a case what may not be kept any longer",
     .about = "Removes objects in all their versions, or masks a person's name in all of them. The "
              "bytes are gone from the file. The case says how much was purged, when, by whom and "
              "why, and verify still holds. Without --yes nothing is changed.\n\n"
              "A scan that reads the same evidence again finds what was purged again; what was "
              "masked stays so.",
     .examples = case_purge_examples},
    {.name = "watch",
     .run = cmd_watch,
     .options = watch_option_defs,
     .values_size = &watch_values_size,
     .operands = "[POSTS...]",
     .max_operands = SIZE_MAX,
     .group = "what others say",
     .summary = "say which subjects are talked about more than they should be",
     .about = "Reads posts: feeds and exports of conversations (RSS, Atom, JSON Feed, Telegram, "
              "Discord, Matrix, mbox, STIX, MISP, JSON Lines, CSV and others, told by their first "
              "bytes; gz, zst and xz are unpacked). Finds what they are about, and raises an alert "
              "for what is named in more threads or on more sites than its own past lets "
              "expect.\n\n"
              "Posts without a time of ingest count as known when they were said: a history is "
              "replayed. With --state FILE a run goes on where the last one ended, posts from "
              "before that are history, and no alert is told twice.\n\n"
              "Exits with 1 if there are alerts, 3 if there are none but not all could be read.",
     .examples = watch_examples},
    {.name = "extract",
     .run = cmd_extract,
     .options = extract_option_defs,
     .values_size = &extract_values_size,
     .operands = "FILE...",
     .min_operands = 1,
     .max_operands = SIZE_MAX,
     .group = "what others say",
     .summary = "find CVEs, addresses, hashes and the like in any text",
     .about =
         "Reads text of any kind (reports, posts, mails, chats) and tells the subjects and the "
         "indicators in it: vulnerabilities, vendors' advisories, ATT&CK ids, addresses, "
         "domains, URLs, mail addresses, hashes, files, paths, registry keys, wallets. "
         "Spellings that keep others from clicking (hxxp, [.], (at)) are undone; text and "
         "offset are those of the input. '-' is standard input; gzip, zstd and xz are "
         "unpacked. Nothing that was found is resolved or contacted.\n\n"
         "Exits with 3 if a file was not read to its end.",
     .examples = extract_examples},
    {.name = "selftest",
     .run = cmd_selftest,
     .options = selftest_option_defs,
     .values_size = &selftest_values_size,
     .operands = "POSTS...",
     .min_operands = 1,
     .max_operands = SIZE_MAX,
     .group = "what others say",
     .summary = "measure how often watch is wrong on your own posts",
     .about = "With --null the subjects of posts are exchanged within each site and week. Then "
              "nothing is left to find, and what watch tells is false: so many alarms a week, "
              "beside what was allowed.\n\n"
              "A week keeps each subject's number of posts on each site, so that of long lanes "
              "longer blocks (--block) say more.",
     .examples = selftest_examples},
    {.name = "backtest",
     .run = cmd_backtest,
     .options = backtest_option_defs,
     .values_size = &backtest_values_size,
     .operands = "POSTS...",
     .min_operands = 1,
     .max_operands = SIZE_MAX,
     .group = "what others say",
     .summary = "try on old posts whether an alert would have come in time",
     .about =
         "Replays dated posts in the order in which they could be read, learns on the first part "
         "which voices, words and signs came before a listing, keeps the threshold that gave so "
         "many alerts a week there, and judges the alerts of the rest against dated labels (the "
         "KEV catalogue, or any table): how many were right, how many days early, beside the "
         "simple rules that others use, with intervals, and without each source and each group "
         "of signals. Nothing of a later day is used on an earlier one. The same inputs give the "
         "same answer to the byte.\n\n"
         "Exits with 3 if an input was not read to its end.",
     .examples = backtest_examples},
    {.name = "rules lint",
     .run = cmd_rules_lint,
     .options = rules_lint_option_defs,
     .values_size = &rules_lint_values_size,
     .operands = "PATH...",
     .min_operands = 1,
     .max_operands = SIZE_MAX,
     .group = "rules and dossiers",
     .summary = "say which Sigma rules load, and on which logs",
     .about = "Reads *.yml and *.yaml files, and all of them below folders. Says how many rules "
              "load, on how many each kind of log can be tried, and names each document that does "
              "not load with its file, line and reason.\n\n"
              "Exits with 1 if a document is no valid rule. Valid rules that cannot run are "
              "reported and do not change the status.",
     .examples = lint_examples},
    {.name = "rules coverage",
     .run = cmd_rules_coverage,
     .options = rules_coverage_option_defs,
     .values_size = &rules_coverage_values_size,
     .operands = "PATH...",
     .min_operands = 1,
     .max_operands = SIZE_MAX,
     .group = "rules and dossiers",
     .summary = "say which rules can run on the logs at hand",
     .about = "Reads the logs without looking for anything, to learn their kinds, channels and "
              "events. Says for each Sigma log source how many rules run on them, how many lack a "
              "log and how many run on no log that is read, and which kinds of log to supply next, "
              "with the places where servers keep them.\n\n"
              "Exits with 3 if an input was not read to its end; rules that lack a log change no "
              "status.",
     .examples = coverage_examples},
    {.name = "rules profile",
     .run = cmd_rules_profile,
     .options = rules_profile_option_defs,
     .values_size = &rules_profile_values_size,
     .operands = "PATH...",
     .min_operands = 1,
     .max_operands = SIZE_MAX,
     .group = "rules and dossiers",
     .summary = "say which rules take the time of a scan",
     .about = "Scans the logs as scan does and takes the time of each evaluation of a rule: how "
              "often it was tried, how often it matched, and for how long, the dearest first. "
              "Reading, searching for literals and writing down what matched are not counted for "
              "any rule.\n\n"
              "Exits with 3 if an input was not read to its end, or if a rule cost so much that "
              "it was not tried on all rows.",
     .examples = profile_examples},
    {.name = "dossier list",
     .run = cmd_dossier_list,
     .options = dossier_list_option_defs,
     .values_size = &dossier_list_values_size,
     .operands = "",
     .group = "rules and dossiers",
     .summary = "name the dossiers inside the program",
     .about = "A dossier is one affair as data: products, vulnerabilities, rules, indicators, "
              "builds and advice. Any ID of one can be given to scan --dossier.\n\n"
              "A catalogue knows the builds and fixes of products, and no affair: scan does not "
              "judge by it. Its line names how many CVEs it knows."},
    {.name = "dossier lint",
     .run = cmd_dossier_lint,
     .options = dossier_lint_option_defs,
     .values_size = &dossier_lint_values_size,
     .operands = "[PATH|ID...]",
     .max_operands = SIZE_MAX,
     .group = "rules and dossiers",
     .summary = "check dossiers before they are used",
     .about = "Loads each dossier or catalogue and says what is wrong with it, with file and "
              "line, and where it contradicts those before it. Without an operand, checks those "
              "inside the program. A folder is told from an ID by its '/'.\n\n"
              "Rows with a note are known to be in dispute and not said again; --notes lists "
              "them.\n\n"
              "Exits with 1 if anything is wrong.",
     .examples = dossier_examples},
    {.name = "baseline make",
     .run = cmd_baseline_make,
     .options = baseline_make_option_defs,
     .values_size = &baseline_make_values_size,
     .operands = "DIR",
     .min_operands = 1,
     .max_operands = 1,
     .group = "rules and dossiers",
     .summary = "list what a clean installation holds",
     .about =
         "Reads a folder that is known to be clean (fresh from the installer, a mounted image) "
         "and writes the SHA-256 of each script, program and configuration in it as CSV. scan "
         "--baseline compares evidence with it. A file is known by the end of its path, "
         "wherever the product is installed.\n\n"
         "Exits with 3 if a file could not be read.",
     .examples = baseline_examples},
    {.name = "init",
     .run = cmd_init,
     .options = init_option_defs,
     .values_size = &init_values_size,
     .operands = "",
     .group = "the program itself",
     .summary = "write down who you are, for advice that fits",
     .about = "Sector, country, products and a contact for reports, from the options or asked for "
              "on a terminal; each may be left out. Writes the user's configuration "
              "(~/.config/tocsin/config.yaml), which nobody else reads; a file that is there stays "
              "unless --force is given. Nothing leaves the machine.",
     .examples = init_examples},
    {.name = "config",
     .run = cmd_config,
     .options = config_option_defs,
     .values_size = &config_values_size,
     .operands = "",
     .group = "the program itself",
     .summary = "say what is set, and where",
     .about = "Settings come from the options of a command, else from the environment (TOCSIN_*), "
              "else from the user's file, else from /etc/tocsin/config.yaml. No file of the "
              "current folder is read, for it may be evidence.",
     .examples = config_examples},
    {.name = "doctor",
     .run = cmd_doctor,
     .options = doctor_option_defs,
     .values_size = &doctor_values_size,
     .operands = "",
     .group = "the program itself",
     .summary = "say what protects and what supports this installation",
     .about = "Starts a worker, lets it try what it must not do, and reports which protections "
              "are really active here. Then names the libraries in use and the dossiers inside "
              "the program.\n\n"
              "Exits with 3 if a protection is missing."},
    {.name = "help",
     .run = cmd_help,
     .options = help_option_defs,
     .values_size = &help_values_size,
     .operands = "[COMMAND]",
     .max_operands = 2,
     .group = "the program itself",
     .summary = "explain a command",
     .about = "Without a command, lists all of them."},
    {.name = "completion",
     .run = cmd_completion,
     .operands = "bash|zsh|fish",
     .min_operands = 1,
     .max_operands = 1,
     .group = "the program itself",
     .summary = "print a completion script for a shell",
     .about = "Commands and options are completed by name, values and operands as files.",
     .examples = completion_examples},
};

struct globals {
    bool help, version, no_color, quiet;
};

static const struct option_def global_defs[] = {
    {.name = "help", .letter = 'h', FLAG(struct globals, help), .help = "explain the command"},
    {.name = "version", FLAG(struct globals, version), .help = "print the version"},
    {.name = "no-color", FLAG(struct globals, no_color), .help = "print without colours"},
    {.name = "quiet",
     .letter = 'q',
     FLAG(struct globals, quiet),
     .help = "no progress and no remarks, only the answer and errors"},
    {0},
};

static const struct tool program = {
    .name = "tocsin",
    .version = TOCSIN_VERSION,
    .summary = "what attackers did to my servers, told from their logs",
    .about =
        "Reads the logs of Microsoft Exchange and of other web servers, and says for each "
        "host whether it was attacked, how far the attacker got, and what could not be "
        "known. What is known of an attack is data: dossiers with Sigma rules, indicators "
        "and builds. Reads what others say as well: what attackers are turning to, and whether "
        "it concerns you. Only watch --follow and --channels use the network.",
    .commands = commands,
    .n_commands = ARRAY_LEN(commands),
    .globals = global_defs,
};

/* What main knows so far. */
struct start {
    struct cli cli;
    struct globals globals;
    char **argv; /* what is left of it */
};

static enum status usage_error(struct start *s, const struct error *error, const char *command)
{
    enum status status = cli_error(&s->cli, error);
    if (status == STATUS_USAGE)
        cli_say(&s->cli, "'%s help%s%s' tells more", program.name, command ? " " : "",
                command ? command : "");
    return status;
}

/* Of commands of two words one may have been typed: the first names the family, the second the
 * command. */
static void suggest_words(struct start *s, struct suggestion *near)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        struct suggestion second = {.word = near->word};
        const char *name = commands[i].name, *blank = strchr(name, ' ');
        struct str family =
            blank ? arena_str(s->cli.arena, str_make(name, (size_t)(blank - name))) : STR_NONE;
        if (!family.p)
            continue;
        suggest_offer(near, family.p);
        suggest_offer(&second, blank + 1);
        if (str_eq(near->word, str_of(blank + 1)))
            second.distance = 0;
        if (second.best && (!near->best || second.distance < near->distance)) {
            near->best = name;
            near->distance = second.distance;
        }
    }
}

static enum status unknown_command(struct start *s, struct str words)
{
    struct suggestion near = {.word = words};
    struct error error;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        suggest_offer(&near, commands[i].name);
    suggest_words(s, &near);
    if (near.best)
        (void)fail(&error, ERR_USAGE, "unknown command '%.*s'; did you mean '%s'?", STR_FMT(words),
                   near.best);
    else
        (void)fail(&error, ERR_USAGE, "unknown command '%.*s'", STR_FMT(words));
    return usage_error(s, &error, NULL);
}

/* "rules" alone needs its second word; with --help it lists the commands that start with it. */
static enum status one_word(struct start *s, struct str word)
{
    struct buf b;
    enum status status = STATUS_USAGE;
    buf_init(&b, LIMIT_BLOCK_BYTES);
    if (!help_family(&b, &program, word, s->cli.color))
        status = unknown_command(s, word);
    else if (s->globals.help)
        status = cli_print(&s->cli, &b);
    else
        cli_say(&s->cli, "'%.*s' needs one more word; '%s help %.*s' lists the commands",
                STR_FMT(word), program.name, STR_FMT(word));
    buf_done(&b);
    return status;
}

/* The arguments name no command: what do they come nearest to? */
static enum status no_command(struct start *s)
{
    struct opt_parse rest = {.set = {{global_defs, &s->globals}}, .arena = s->cli.arena};
    struct str word = str_of(s->argv[0]);
    struct error error;
    char two[SUGGEST_MAX + 1];
    bool parsed = opt_parse(&rest, s->argv + 1, &error) == OK;
    if (parsed && rest.operands.n == 0)
        return one_word(s, word);
    if (!s->argv[1] || s->argv[1][0] == '-')
        return unknown_command(s, word);
    (void)snprintf(two, sizeof two, "%s %s", s->argv[0], s->argv[1]);
    struct suggestion near = {.word = str_of(two)};
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strchr(commands[i].name, ' '))
            suggest_offer(&near, commands[i].name);
    return unknown_command(s, near.best ? near.word : word);
}

/* The command named by the next one or two arguments, which are then used up. */
static const struct command *take_command(struct start *s)
{
    char two[128];
    const struct command *c = NULL;
    if (s->argv[1]) {
        (void)snprintf(two, sizeof two, "%s %s", s->argv[0], s->argv[1]);
        c = command_find(&program, str_of(two));
    }
    if (c) {
        s->argv += 2;
        return c;
    }
    c = command_find(&program, str_of(s->argv[0]));
    s->argv += c != NULL;
    return c;
}

static enum status wrong_operands(struct start *s, const struct command *c, size_t given)
{
    struct buf b;
    struct error error;
    buf_init(&b, 4096);
    help_synopsis(&b, &program, c);
    (void)fail(&error, ERR_USAGE, "%s; usage: %.*s",
               given < c->min_operands ? "an operand is missing" : "too many operands",
               STR_FMT(buf_view(&b)));
    buf_done(&b);
    return usage_error(s, &error, c->name);
}

static enum status help_on(struct cli *cli, const struct command *c)
{
    struct str word = c ? str_of(c->name) : STR_NONE;
    struct str_list words = {.v = &word, .n = c != NULL};
    static const struct help_values none;
    return cmd_help(cli, &none, &words);
}

static enum status run_command(struct start *s, const struct command *c)
{
    size_t size = c->values_size ? *c->values_size : 1;
    void *values = arena_alloc(s->cli.arena, size);
    struct error error = {.code = ERR_NOMEM};
    struct opt_parse parse = {.set = {{c->options, values}, {global_defs, &s->globals}},
                              .arena = s->cli.arena};
    if (!values)
        return cli_error(&s->cli, &error);
    opt_defaults(c->options, values, size);
    enum err rc = opt_parse(&parse, s->argv, &error);
    s->cli.color = s->cli.color && !s->globals.no_color;
    s->cli.quiet = s->globals.quiet;
    if (s->globals.help)
        return help_on(&s->cli, c);
    if (rc)
        return usage_error(s, &error, c->name);
    if (parse.operands.n < c->min_operands || parse.operands.n > c->max_operands)
        return wrong_operands(s, c, parse.operands.n);
    return c->run(&s->cli, values, &parse.operands);
}

static enum status start(struct start *s)
{
    struct error error;
    struct opt_parse parse = {
        .set = {{global_defs, &s->globals}}, .arena = s->cli.arena, .stop_at_operand = true};
    if (opt_parse(&parse, s->argv, &error))
        return usage_error(s, &error, NULL);
    s->argv += parse.used;
    s->cli.color = s->cli.color && !s->globals.no_color;
    if (s->globals.version) {
        (void)fprintf(s->cli.out, "%s %s\n", program.name, program.version);
        return STATUS_OK;
    }
    if (!s->argv[0]) {
        if (!s->globals.help)
            s->cli.out = s->cli.err;
        enum status status = help_on(&s->cli, NULL);
        return s->globals.help ? status : STATUS_USAGE;
    }
    const struct command *c = take_command(s);
    return c ? run_command(s, c) : no_command(s);
}

/* https://no-color.org: set and not empty means no. */
static bool wants_color(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

int main(int argc, char **argv)
{
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    struct start s = {.cli = {.program = &program,
                              .arena = &arena,
                              .out = stdout,
                              .err = stderr,
                              .color = wants_color()},
                      .argv = argc > 0 ? argv + 1 : argv};
    enum status status = start(&s);
    if (fflush(stdout) && errno != EPIPE && status < STATUS_INTERNAL) {
        cli_say(&s.cli, "cannot write the output: %s", strerror(errno));
        status = STATUS_IO;
    }
    arena_done(&arena);
    return (int)status;
}
