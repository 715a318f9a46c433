/* cmd.h — commands and their options as data.
 *
 * What:   what a command is called, takes and says of itself; help, man page, completion and the
 *         option parser all read these tables, so none of them can disagree with the others.
 * Input:  constants of this program; only the values that are filled in come from the user.
 * Limits: none.
 * Owner:  tables are static; values and operands live in the arena of the run or in argv.
 * Spec:   docs/internals/CLI.md; "how to add a command" stands above the table in main.c.
 */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include "base/arena.h"
#include "base/buf.h"
#include "model/answer.h"

#include <signal.h>
#include <stdio.h>

/* Exit statuses: a contract with scripts, never renumbered. */
enum status {
    STATUS_OK = 0,
    STATUS_FOUND = 1,
    STATUS_USAGE = 2,
    STATUS_INCOMPLETE = 3,
    STATUS_INTERNAL = 70,
    STATUS_IO = 74,
    STATUS_AGAIN = 75,
    STATUS_INTERRUPTED = 130,
};

enum option_kind {
    OPTION_FLAG,   /* bool */
    OPTION_TEXT,   /* struct str; p == NULL if not given */
    OPTION_NUMBER, /* uint64_t, between min and max */
    OPTION_SIZE,   /* uint64_t in bytes; K, M, G behind the number */
    OPTION_LIST,   /* struct str_list; may be given several times */
    OPTION_TIME,   /* int64_t; TIME_NONE if not given */
};

/* One option. Write the entry with the macros below: they check the member's type. */
struct option_def {
    const char *name; /* without dashes; NULL ends a table */
    char letter;      /* 0: none */
    enum option_kind kind;
    size_t at;         /* of the value in the command's struct */
    const char *arg;   /* what the value is called; NULL for a flag */
    const char *help;  /* lower case, no full stop */
    uint64_t min, max; /* of a number; max 0: no limit */
};

#define OPTION_FIELD(kind_, ctype, type, member)                                                   \
    .kind = (kind_),                                                                               \
    .at = offsetof(type, member) + 0 * sizeof(&((type *)NULL)->member == (ctype *)NULL)
#define FLAG(type, member) OPTION_FIELD(OPTION_FLAG, bool, type, member)
#define TEXT(type, member) OPTION_FIELD(OPTION_TEXT, struct str, type, member)
#define NUMBER(type, member) OPTION_FIELD(OPTION_NUMBER, uint64_t, type, member)
#define SIZE(type, member) OPTION_FIELD(OPTION_SIZE, uint64_t, type, member)
#define LIST(type, member) OPTION_FIELD(OPTION_LIST, struct str_list, type, member)
#define TIME(type, member) OPTION_FIELD(OPTION_TIME, int64_t, type, member)

struct example {
    const char *line, *says; /* line == NULL ends a list */
};

struct tool;

/* What every command is run with. */
struct cli {
    const struct tool *program;
    struct arena *arena;
    FILE *out, *err;
    bool color, quiet; /* colour: on the output */
};

struct command {
    const char *name; /* one or two words: "scan", "rules lint" */
    enum status (*run)(struct cli *cli, const void *values, const struct str_list *operands);
    const struct option_def *options; /* ends with name == NULL; NULL: none */
    const size_t *values_size;        /* of the struct that the options fill; NULL: none */
    const char *operands;             /* "PATH..."; "" if it takes none */
    size_t min_operands, max_operands;
    const char *group;   /* heading in the overview */
    const char *summary; /* one line, lower case, no full stop */
    const char *about;   /* paragraphs with an empty line between them */
    const struct example *examples;
};

struct tool {
    const char *name, *version, *summary, *about;
    const struct command *commands;
    size_t n_commands;
    const struct option_def *globals;
};

/* The command of that name, or NULL. */
const struct command *command_find(const struct tool *p, struct str name);

/* "tocsin: text" on standard error; control characters of the text are made visible. */
void cli_say(struct cli *cli, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The same for what a library has to say, unless -q; ctx is a struct cli. */
void cli_warning(void *ctx, struct str text);
/* The same for an error, with its input and place, if any; returns the matching exit status. */
enum status cli_error(struct cli *cli, const struct error *error);
/* Writes the buffer to the output; a buffer that ran over is an internal error. */
enum status cli_print(struct cli *cli, const struct buf *b);

/* From now on the first Ctrl-C or SIGTERM sets what this points to; the second ends the program. */
const volatile sig_atomic_t *cli_watch_interrupts(void);

/* The width of the terminal in front of a person; 0: the output is none. */
unsigned cli_columns(const struct cli *cli);
/* Appends the label and the text, made visible, in lines of that width, further ones below the
 * label's end; 0: in one line, as programs read it. */
void cli_wrap(struct buf *b, unsigned columns, const char *label, struct str text);

/* The shipped dossier that an unknown word probably means; NULL if it is known, or like none. */
const char *dossier_meant(struct str word);

/* One cmd_*.c each. */
enum status cmd_scan(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_selftest(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_exposure(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_watch(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_dump(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_extract(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_backtest(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_report(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_timeline(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_diff(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_case_merge(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_case_purge(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_pack(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_advice(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_init(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_config(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_note(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_verify(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_rules_lint(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_rules_coverage(struct cli *cli, const void *values,
                               const struct str_list *operands);
enum status cmd_rules_profile(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_baseline_make(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_dossier_lint(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_dossier_list(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_doctor(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_help(struct cli *cli, const void *values, const struct str_list *operands);
enum status cmd_completion(struct cli *cli, const void *values, const struct str_list *operands);

extern const struct option_def scan_option_defs[], exposure_option_defs[], watch_option_defs[],
    selftest_option_defs[], extract_option_defs[], dump_option_defs[], backtest_option_defs[],
    rules_lint_option_defs[], rules_coverage_option_defs[], rules_profile_option_defs[],
    baseline_make_option_defs[], dossier_lint_option_defs[], dossier_list_option_defs[],
    doctor_option_defs[], help_option_defs[], timeline_option_defs[], verify_option_defs[],
    note_option_defs[], pack_option_defs[], advice_option_defs[], init_option_defs[],
    config_option_defs[], case_merge_option_defs[], case_purge_option_defs[], diff_option_defs[],
    report_option_defs[];
extern const size_t scan_values_size, exposure_values_size, watch_values_size, selftest_values_size,
    extract_values_size, dump_values_size, backtest_values_size, rules_lint_values_size,
    rules_coverage_values_size, rules_profile_values_size, baseline_make_values_size,
    dossier_lint_values_size, dossier_list_values_size, doctor_values_size, help_values_size,
    timeline_values_size, report_values_size, verify_values_size, note_values_size,
    pack_values_size, advice_values_size, init_values_size, config_values_size,
    case_merge_values_size, case_purge_values_size, diff_values_size;

#endif
