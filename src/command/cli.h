/* The command line: one table of commands and options, from which come the parsing,
 * the usage, the shell completions and the man page. */
#ifndef KDK_COMMAND_CLI_H
#define KDK_COMMAND_CLI_H

#include "../base/buf.h"

struct cli {
	const struct command *command;
	char **files; /* what is left when options are taken away */
	size_t file_count;
	bool dashes; /* -- was given: the files behind it are never options */
	size_t before_dashes;
	struct str release, namespace;
	struct str name; /* of a parent */
	struct str format;
	bool create_namespace, strict, check, map;
};

typedef int run_command(const struct cli *cli); /* gives the exit status */

struct command {
	const char *name; /* "" is what runs without a command's name */
	const char *arguments, *summary;
	const char *details; /* paragraphs for help and man page */
	unsigned options;    /* which of enum cli_option it takes */
	size_t least, most;  /* how many FILEs or words */
	const char *const *words; /* what may stand there, for completion; NULL, or most > 1: files */
	const char *const *formats; /* what --format may say; the first is the default; NULL: no --format */
	run_command *run;
};
extern const struct command commands[]; /* ends with a NULL name; defined in kdk-render.c */

enum cli_option {
	OPTION_RELEASE = 1,
	OPTION_NAMESPACE = 2,
	OPTION_CREATE_NAMESPACE = 4,
	OPTION_STRICT = 8,
	OPTION_FORMAT = 16,
	OPTION_CHECK = 32,
	OPTION_NAME = 64,
	OPTION_MAP = 128,
	OPTION_HELP = 256,
};

/* Parses, or prints help, or ends the program with usage on stderr (exit 2). */
struct cli cli_parse(int argc, char **argv);

const struct command *cli_command(struct str name); /* NULL where there is none */
void cli_usage(struct buf *out);
void cli_help(struct buf *out, const struct command *command);
void cli_man(struct buf *out);
bool cli_completion(struct buf *out, struct str shell); /* false: a shell we do not know */

#endif
