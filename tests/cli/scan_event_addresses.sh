#!/bin/sh
# Address indicators over event logs: every spelling in every field, whatever else is listed.
set -u
tocsin=$1
. tests/tap.sh

in=$tap_work/events.json
# event NUMBER CHANNEL ID FIELDS
event() {
    printf '{"Event":{"System":{"Channel":"%s","EventID":%s,"EventRecordID":%s,"Computer":"H%s","TimeCreated":{"#attributes":{"SystemTime":"2024-01-01T00:00:01Z"}}},"EventData":{%s}}}\n' \
        "$2" "$3" "$1" "$1" "$4"
}
sysmon=Microsoft-Windows-Sysmon/Operational
{
    event 1 $sysmon 3 '"SourceIp":"10.0.0.1","DestinationIp":"198.51.100.8"'
    event 2 $sysmon 3 '"SourceIp":"10.0.0.1","DestinationIp":"2001:db8:0:0:0:0:0:5"'
    event 3 $sysmon 3 '"SourceIp":"10.0.0.1","DestinationIp":["10.0.0.7","198.51.100.8","198.51.100.77"]'
    event 4 Security 4624 '"IpAddress":"198.51.100.8","IpPort":"443"'
    event 5 Security 4624 '"IpAddress":["10.1.1.1","2001:db8::5"]'
    event 6 Security 4624 '"IpAddress":"::ffff:198.51.100.8"'
    event 7 Security 5156 '"DestAddress":"198.51.100.8","SourceAddress":"10.0.0.1"'
    event 8 Other 1 '"A":"198.51.100.8:4444","B":"x"'
    event 9 Other 1 '"A":"[2001:DB8::5]:443","B":"x"'
    event 10 $sysmon 22 '"QueryName":"x","QueryResults":"type:  5 a.example.org;::ffff:198.51.100.8;2001:db8::5;"'
    event 11 Other 2 '"A":"10.0.0.1, 198.51.100.8","B":"x"'
    event 12 Other 2 '"A":"10.0.0.1 198.51.100.8","B":"x"'
    event 13 Other 2 '"A":"198.051.100.008","B":"x"'
    event 14 Other 3 '"CommandLine":"curl http://198.51.100.8/x"'
    event 15 Other 4 '"A":"198.51.100.80","B":"1198.51.100.8","C":"198.51.100.8.1","D":"2001:db8::55"'
    event 16 Other 5 '"A":"198.51.100.9","B":"2001:db8::6"'
    event 17 Other 5 '"A":"203.0.113.9","B":"no address"'
} >"$in"
v4='1 3 4 6 7 8 10 11 12 13 14'
v6='2 5 9 10'
nets='1 3 4 6 7 8 10 11 12 13 14 15 16'

# list NAME VALUE...: an indicator list
list() {
    name=$tap_work/$1.txt
    shift
    printf '%s\n' "$@" >"$name"
}
# many NAME VALUE...: the same among 4,000 others
many() {
    list "$@"
    awk 'BEGIN { for (i = 0; i < 4000; i++) printf "100.%d.%d.9\n", 70 + i / 250, i % 250 }' >>"$name"
}
# hosts VALUE: the numbers of the events that have it, by the hosts of its findings
hosts() {
    sed -n '/"type":"finding"/s/.*"title":"known address \([^"]*\)".*"Computer":"H\([0-9]*\)".*/\1 \2/p' \
        "$tap_work/out" | awk -v v="$1" '$1 == v { print $2 }' | sort -nu | paste -sd' ' -
}
# in_events VALUE WANTED
in_events() {
    got=$(hosts "$1")
    [ "$got" = "$2" ] || { echo "$1 in '$got', not in '$2'"; return 1; }
}
# finds NAME VALUE WANTED: however it is run
finds() {
    for how in '-j1' '-j2' '-j1 --full'; do
        # shellcheck disable=SC2086 # options
        run "$tocsin" scan --json --no-dossiers $how --indicators "$tap_work/$1.txt" "$in"
        in_events "$2" "$3" || { echo "($how)"; return 1; }
    done
}

list four 198.51.100.8
list six 2001:db8::5
list both 198.51.100.8 2001:db8::5
list net 198.51.100.0/24
list net6 2001:db8::/64
many four-of-many 198.51.100.8
many both-of-many 198.51.100.8 2001:db8::5
ok 'an IPv4 address is found in every field' finds four 198.51.100.8 "$v4"
ok 'an IPv6 address is found in every field' finds six 2001:db8::5 "$v6"
ok 'an IPv6 address takes nothing from an IPv4 one' finds both 198.51.100.8 "$v4"
ok 'nor that from it' finds both 2001:db8::5 "$v6"
ok 'a net is found in every field' finds net 198.51.100.0/24 "$nets"
ok 'an IPv6 net is found in every field' finds net6 2001:db8::/64 '2 5 9 10 15 16'
ok 'among thousands an IPv4 address is found' finds four-of-many 198.51.100.8 "$v4"
ok 'among thousands an IPv6 address is found' finds both-of-many 2001:db8::5 "$v6"

# What a plain search finds is found: the value with no digit, letter or dot beside it.
plain=$(grep -E '(^|[^0-9A-Za-z.])198\.51\.100\.8([^0-9A-Za-z.]|$)' "$in" |
    sed 's/.*"EventRecordID":\([0-9]*\).*/\1/' | sort -n)
run "$tocsin" scan --json --no-dossiers --indicators "$tap_work/both-of-many.txt" "$in"
all_of() {
    for n in $1; do
        case " $2 " in *" $n "*) ;; *) echo "not $n" && return 1 ;; esac
    done
    [ -n "$1" ]
}
ok 'what a plain search finds is found' all_of "$plain" "$(hosts 198.51.100.8)"

# An event counts once for an indicator, however often it has it.
event 1 Other 1 '"A":"198.51.100.8","B":["198.51.100.8","198.51.100.8"],"C":"198.51.100.8:1"' >"$in"
run "$tocsin" scan --json --no-dossiers --indicators "$tap_work/both.txt" "$in"
ok 'an event counts once' [ "$(grep '"type":"finding"' "$tap_work/out" | grep -c '"count":1,')" = 1 ]
# More different ones than fit any fixed number.
values=$(awk 'BEGIN { for (i = 1; i < 60; i++) printf "%s\"198.51.100.%d\"", (i > 1 ? "," : ""), i }')
event 1 Other 1 "\"A\":[$values]" >"$in"
awk 'BEGIN { for (i = 1; i < 60; i++) print "198.51.100." i }' >"$tap_work/sixty.txt"
run "$tocsin" scan --json --no-dossiers --indicators "$tap_work/sixty.txt" "$in"
ok 'all of a long list are found' [ "$(grep -c '"type":"finding"' "$tap_work/out")" = 59 ]

# What all events of a kind share stands in no row of theirs.
{ event 1 203.0.113.1 1 '"A":"x"' && event 2 evil.example 1 '"A":"x"'; } >"$in"
list shared 203.0.113.1 evil.example
list shared-name evil.example
for name in shared shared-name; do
    run "$tocsin" scan --json --no-dossiers --indicators "$tap_work/$name.txt" "$in"
    ok "what events share is looked at ($name)" grep -q '"title":"known domain evil.example"' "$tap_work/out"
done
run "$tocsin" scan --json --no-dossiers --indicators "$tap_work/shared.txt" "$in"
ok 'also for addresses' in_events 203.0.113.1 1
tap_done
