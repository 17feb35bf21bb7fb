/* Command line → struct cli; and everything that can be printed from the tables. */
#include "cli.h"

#include "../base/die.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option {
	enum cli_option id;
	const char *name, *letter, *value, *doc;
} options[] = {
	{OPTION_RELEASE, "release", "", "NAME", "the release's name (default: kdk); objects are called NAME-CLUSTER"},
	{OPTION_NAMESPACE, "namespace", "n", "NAMESPACE", "the namespace of all objects (default: default)"},
	{OPTION_CREATE_NAMESPACE, "create-namespace", "", NULL,
	 "write the namespace too, with the Pod Security label that privileged pods need"},
	{OPTION_NAME, "name", "", "NAME", "the parent's name (default: host)"},
	{OPTION_STRICT, "strict", "", NULL, "exit with 1 on any warning"},
	{OPTION_MAP, "map", "", NULL, "draw the address space instead: what parents have, pools, clusters, clashes"},
	{OPTION_FORMAT, "format", "", "FORMAT", "how it is printed"},
	{OPTION_CHECK, "check", "", NULL, "write no lock; exit with 1, and say what would change, where it is not up to date"},
	{OPTION_HELP, "help", "h", NULL, "print this help"},
};
enum { OPTION_COUNT = sizeof options / sizeof options[0] };

static bool takes(const struct command *command, const struct option *option)
{
	return option->id == OPTION_HELP || (command->options & option->id);
}

const struct command *cli_command(struct str name)
{
	for (const struct command *c = commands; c->name; c++)
		if (str_eq(str_of(c->name), name))
			return c;
	return NULL;
}

/* --- help, man page, completion --- */

static void list_options(struct buf *out, const struct command *command)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option *o = &options[i];
		if (!takes(command, o))
			continue;
		char left[64];
		snprintf(left, sizeof left, "%s%s%s--%s%s%s", o->letter[0] ? "-" : "", o->letter,
			 o->letter[0] ? ", " : "    ", o->name, o->value ? " " : "", o->value ? o->value : "");
		buf_fmt(out, "  %-28s %s", left, o->doc);
		if (o->id == OPTION_FORMAT) {
			BUF_LIT(out, ": ");
			for (const char *const *f = command->formats; *f; f++)
				buf_fmt(out, "%s%s", *f, f[1] ? ", " : "");
		}
		buf_char(out, '\n');
	}
}

void cli_usage(struct buf *out)
{
	BUF_LIT(out, "kdk-render turns a values file of clusters into Kubernetes manifests, and refuses address\n"
		     "ranges that would overlap a layer below.\n\nusage:\n");
	for (const struct command *c = commands; c->name; c++) {
		char left[64];
		snprintf(left, sizeof left, "kdk-render %s%s%s", c->name, c->name[0] && c->arguments[0] ? " " : "",
			 c->arguments);
		buf_fmt(out, "  %-40s %s\n", left, c->summary);
	}
	BUF_LIT(out, "\n");
	list_options(out, cli_command(S("")));
	BUF_LIT(out, "\n`kdk-render help COMMAND` says more.\n"
		     "Exit status: 0 fine, 1 the input has problems, 2 usage, a file, memory or a failed write.\n");
}

/* "kdk-render lint [options] FILE..." */
static void synopsis(struct buf *out, const struct command *command)
{
	buf_fmt(out, "kdk-render %s%s[options]%s%s", command->name, command->name[0] ? " " : "",
		command->arguments[0] ? " " : "", command->arguments);
}

void cli_help(struct buf *out, const struct command *command)
{
	BUF_LIT(out, "usage: ");
	synopsis(out, command);
	buf_fmt(out, "\n\n%s\n\n%s\n\n", command->summary, command->details);
	list_options(out, command);
}

/* roff minds a backslash, a dot or quote that begins a line, and an empty line; it makes a
 * hyphen of "-" and typographic quotes of "`" and "'". Lines that were wrapped may flow,
 * short ones stay apart. */
static void roff(struct buf *out, const char *text)
{
	enum { WRAPPED = 72 };
	const char *line = text;
	for (const char *p = text; *p; p++) {
		if (p == line && *p == '\n')
			BUF_LIT(out, ".IP");
		if (p == line && *p == '.')
			BUF_LIT(out, "\\&");
		if (*p == '\n' && p > line && p < line + WRAPPED && p[1] && p[1] != '\n')
			BUF_LIT(out, "\n.br");
		if (*p == '\n')
			line = p + 1;
		if (*p == '\\')
			BUF_LIT(out, "\\e");
		else if (*p == '-')
			BUF_LIT(out, "\\-");
		else if (*p == '`')
			BUF_LIT(out, "\\(ga");
		else if (*p == '\'')
			BUF_LIT(out, "\\(aq");
		else
			buf_char(out, *p);
	}
}

static void man_option(struct buf *out, const struct option *option)
{
	BUF_LIT(out, ".TP\n.B ");
	if (option->letter[0])
		buf_fmt(out, "\\-%s, ", option->letter);
	BUF_LIT(out, "\\-\\-");
	roff(out, option->name);
	if (option->value)
		buf_fmt(out, " \\fI%s\\fR", option->value);
	buf_char(out, '\n');
	roff(out, option->doc);
	for (const struct command *c = commands; c->name && option->id == OPTION_FORMAT; c++) {
		if (c->formats)
			buf_fmt(out, "; %s:", c->name);
		for (const char *const *f = c->formats; f && *f; f++)
			buf_fmt(out, "%s%s", f == c->formats ? " " : ", ", *f);
	}
	buf_char(out, '\n');
}

void cli_man(struct buf *out)
{
	BUF_LIT(out, ".TH KDK\\-RENDER 1 \"\" \"kdk\\-render " KDK_VERSION "\"\n.SH NAME\nkdk\\-render \\- private Kubernetes "
		     "clusters from a values file\n.SH SYNOPSIS\n");
	for (const struct command *c = commands; c->name; c++) {
		struct buf line = buf_memory();
		synopsis(&line, c);
		buf_char(&line, 0);
		buf_add(out, c->name[0] ? S(".br\n.B ") : S(".B "));
		roff(out, line.p);
		buf_char(out, '\n');
		buf_free(&line);
	}
	BUF_LIT(out, ".SH COMMANDS\n");
	for (const struct command *c = commands; c->name; c++) {
		BUF_LIT(out, ".TP\n.B ");
		roff(out, c->name[0] ? c->name : "without a command");
		buf_char(out, '\n');
		roff(out, c->summary);
		BUF_LIT(out, ".\n.br\n");
		roff(out, c->details);
		buf_char(out, '\n');
	}
	BUF_LIT(out, ".SH OPTIONS\n");
	for (size_t i = 0; i < OPTION_COUNT; i++)
		man_option(out, &options[i]);
	BUF_LIT(out, ".SH EXIT STATUS\n0 fine, warnings allowed; 1 the input has problems; 2 usage, a file, memory or a failed write.\n"
		     ".SH SEE ALSO\n.BR helm (1),\n.BR kubectl (1)\n");
}

/* --- completion --- */

static void words(struct buf *out, const char *const *list)
{
	for (const char *const *w = list; w && *w; w++)
		buf_fmt(out, "%s%s", w == list ? "" : " ", *w);
}

static void command_names(struct buf *out)
{
	for (const struct command *c = commands + 1; c->name; c++)
		buf_fmt(out, "%s%s", c == commands + 1 ? "" : " ", c->name);
}

/* Inside of single quotes, as all three shells take it. */
static void quoted(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == '\'')
			BUF_LIT(out, "'\\''");
		else
			buf_char(out, *p);
	}
}

static bool takes_files(const struct command *command)
{
	return command->most > 1 || (!command->words && command->most > 0);
}

static void bash_case(struct buf *out, const struct command *command)
{
	buf_fmt(out, "  %s) options='", command->name[0] ? command->name : "*");
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (takes(command, &options[i]))
			buf_fmt(out, "--%s ", options[i].name);
	BUF_LIT(out, "'");
	if (command->words) {
		BUF_LIT(out, " words='");
		words(out, command->words);
		BUF_LIT(out, "'");
	}
	if (command->formats) {
		BUF_LIT(out, " formats='");
		words(out, command->formats);
		BUF_LIT(out, "'");
	}
	buf_fmt(out, "%s ;;\n", takes_files(command) ? " files=1" : "");
}

/* bash breaks a line at "=" too. */
static void bash_completion(struct buf *out)
{
	BUF_LIT(out, "# bash completion for kdk-render: source <(kdk-render completion bash)\n"
		     "_kdk_render() {\n"
		     "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
		     "  local options words='' formats='' files='' line\n"
		     "  if [ \"$before\" = = ]; then before=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
		     "  if [ \"$word\" = = ]; then word=''; fi\n"
		     "  case ${COMP_WORDS[1]} in\n");
	for (const struct command *c = commands + 1; c->name; c++)
		bash_case(out, c);
	bash_case(out, commands);
	BUF_LIT(out, "  esac\n"
		     "  if [ \"$COMP_CWORD\" = 1 ]; then words='");
	command_names(out);
	BUF_LIT(out, "' files=1; fi\n"
		     "  case $before in\n");
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (!options[i].value)
			continue;
		buf_fmt(out, "  %s%s%s--%s) words=%s files='' ;;\n", options[i].letter[0] ? "-" : "", options[i].letter,
			options[i].letter[0] ? " | " : "", options[i].name, options[i].id == OPTION_FORMAT ? "$formats" : "''");
	}
	BUF_LIT(out, "  *) case $word in -*) words=$options files='' ;; esac ;;\n"
		     "  esac\n"
		     "  COMPREPLY=()\n"
		     "  while IFS= read -r line; do\n"
		     "    COMPREPLY+=(\"$line\")\n"
		     "  done < <(compgen -W \"$words\" -- \"$word\"; [ -z \"$files\" ] || compgen -f -- \"$word\")\n"
		     "}\n"
		     "complete -o filenames -F _kdk_render kdk-render\n");
}

/* An explanation in brackets ends at "]". */
static void zsh_option(struct buf *out, const struct command *command, const struct option *option)
{
	BUF_LIT(out, " \\\n      ");
	if (option->letter[0])
		buf_fmt(out, "'(-%s --%s)'{-%s%s,--%s%s}'", option->letter, option->name, option->letter,
			option->value ? "+" : "", option->name, option->value ? "=" : "");
	else
		buf_fmt(out, "'--%s%s", option->name, option->value ? "=" : "");
	BUF_LIT(out, "[");
	quoted(out, option->doc);
	BUF_LIT(out, "]");
	if (option->value)
		buf_fmt(out, ":%s:", option->value);
	if (option->id == OPTION_FORMAT) {
		BUF_LIT(out, "(");
		words(out, command->formats);
		BUF_LIT(out, ")");
	}
	BUF_LIT(out, "'");
}

static void zsh_case(struct buf *out, const struct command *command)
{
	buf_fmt(out, "  %s) _arguments -s%s", command->name[0] ? command->name : "*",
		command->name[0] ? " '1: :'" : "");
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (takes(command, &options[i]))
			zsh_option(out, command, &options[i]);
	if (command->words && takes_files(command)) {
		buf_fmt(out, " \\\n      '*: :{compadd -- ");
		words(out, command->words);
		BUF_LIT(out, "; _files}'");
	} else if (command->words) {
		buf_fmt(out, " \\\n      '2:%s:(", command->arguments);
		words(out, command->words);
		BUF_LIT(out, ")'");
	} else if (takes_files(command)) {
		BUF_LIT(out, " \\\n      '*:FILE:_files'");
	}
	BUF_LIT(out, " ;;\n");
}

/* The file may be sourced, or found by compinit, which calls it as the function itself. */
static void zsh_completion(struct buf *out)
{
	BUF_LIT(out, "#compdef kdk-render\n"
		     "# zsh completion for kdk-render: source <(kdk-render completion zsh)\n"
		     "_kdk_render() {\n"
		     "  local -a commands\n"
		     "  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then\n"
		     "    commands=(\n");
	for (const struct command *c = commands + 1; c->name; c++) {
		buf_fmt(out, "      '%s:", c->name);
		quoted(out, c->summary);
		BUF_LIT(out, "'\n");
	}
	BUF_LIT(out, "    )\n"
		     "    _describe command commands\n"
		     "    _files\n"
		     "    return\n"
		     "  fi\n"
		     "  case $words[2] in\n");
	for (const struct command *c = commands + 1; c->name; c++)
		zsh_case(out, c);
	zsh_case(out, commands);
	BUF_LIT(out, "  esac\n"
		     "}\n"
		     "if [[ $funcstack[1] == _kdk-render ]]; then\n"
		     "  _kdk_render \"$@\"\n"
		     "else\n"
		     "  compdef _kdk_render kdk-render\n"
		     "fi\n");
}

static void fish_when(struct buf *out, const struct command *command)
{
	BUF_LIT(out, "complete -c kdk-render -n '");
	if (command->name[0])
		buf_fmt(out, "__fish_seen_subcommand_from %s' ", command->name);
	else {
		BUF_LIT(out, "not __fish_seen_subcommand_from ");
		command_names(out);
		BUF_LIT(out, "' ");
	}
}

static void fish_option(struct buf *out, const struct command *command, const struct option *option)
{
	fish_when(out, command);
	if (option->letter[0])
		buf_fmt(out, "-s %s ", option->letter);
	buf_fmt(out, "-l %s ", option->name);
	if (option->value)
		BUF_LIT(out, "-x ");
	if (option->id == OPTION_FORMAT) {
		BUF_LIT(out, "-a '");
		words(out, command->formats);
		BUF_LIT(out, "' ");
	}
	BUF_LIT(out, "-d '");
	quoted(out, option->doc);
	BUF_LIT(out, "'\n");
}

static void fish_completion(struct buf *out)
{
	BUF_LIT(out, "# fish completion for kdk-render: kdk-render completion fish | source\n");
	for (const struct command *c = commands; c->name; c++) {
		if (c->name[0]) {
			buf_fmt(out, "complete -c kdk-render -n __fish_use_subcommand -a %s -d '", c->name);
			quoted(out, c->summary);
			BUF_LIT(out, "'\n");
		}
		if (c->words || !takes_files(c)) {
			fish_when(out, c);
			BUF_LIT(out, takes_files(c) ? "" : "-f");
			if (c->words) {
				BUF_LIT(out, " -a '");
				words(out, c->words);
				BUF_LIT(out, "'");
			}
			BUF_LIT(out, "\n");
		}
		for (size_t i = 0; i < OPTION_COUNT; i++)
			if (takes(c, &options[i]))
				fish_option(out, c, &options[i]);
	}
}

bool cli_completion(struct buf *out, struct str shell)
{
	if (str_eq(shell, S("bash")))
		bash_completion(out);
	else if (str_eq(shell, S("zsh")))
		zsh_completion(out);
	else if (str_eq(shell, S("fish")))
		fish_completion(out);
	else
		return false;
	return true;
}

/* --- parsing --- */

__attribute__((format(printf, 2, 3))) static _Noreturn void refuse(const struct command *command, const char *format,
								     ...)
{
	va_list args;
	va_start(args, format);
	fprintf(stderr, "kdk-render: ");
	vfprintf(stderr, format, args);
	va_end(args);
	struct buf usage = buf_fd(STDERR_FILENO, "standard error");
	BUF_LIT(&usage, "\nusage: ");
	synopsis(&usage, command);
	buf_char(&usage, '\n');
	buf_flush(&usage);
	exit(EXIT_WORLD);
}

static const struct option *find_option(const struct command *command, struct str name, bool letter)
{
	for (size_t i = 0; i < OPTION_COUNT && name.n; i++)
		if (takes(command, &options[i]) && str_eq(name, str_of(letter ? options[i].letter : options[i].name)))
			return &options[i];
	return NULL;
}

static _Noreturn void refuse_option(const struct command *command, const char *written)
{
	struct str name = str_of(written);
	while (name.n && name.p[0] == '-')
		name = str_from(name, 1);
	name = str_to(name, str_find(name, '='));
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (takes(command, &options[i]) && str_distance(name, str_of(options[i].name), 2) <= 2)
			refuse(command, "unknown option %s; did you mean --%s?", written, options[i].name);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (str_eq(name, str_of(options[i].name)))
			refuse(command, "--%s is no option of `kdk-render%s%s`", options[i].name, command->name[0] ? " " : "",
			       command->name);
	refuse(command, "unknown option %s", written);
}

static void check_format(const struct command *command, struct str value)
{
	for (const char *const *f = command->formats; *f; f++)
		if (str_eq(value, str_of(*f)))
			return;
	struct buf known = buf_memory();
	for (const char *const *f = command->formats; *f; f++)
		buf_fmt(&known, "%s%s", f == command->formats ? "" : f[1] ? ", " : " or ", *f);
	buf_char(&known, 0);
	refuse(command, "--format is %s, not '%s'", known.p, value.p);
}

static void set_option(struct cli *cli, const struct option *option, struct str value)
{
	switch (option->id) {
	case OPTION_RELEASE:
		cli->release = value;
		break;
	case OPTION_NAMESPACE:
		cli->namespace = value;
		break;
	case OPTION_CREATE_NAMESPACE:
		cli->create_namespace = true;
		break;
	case OPTION_NAME:
		cli->name = value;
		break;
	case OPTION_STRICT:
		cli->strict = true;
		break;
	case OPTION_CHECK:
		cli->check = true;
		break;
	case OPTION_MAP:
		cli->map = true;
		break;
	case OPTION_FORMAT:
		check_format(cli->command, value);
		cli->format = value;
		break;
	case OPTION_HELP: {
		struct buf out = buf_fd(STDOUT_FILENO, "standard output");
		if (cli->command->name[0])
			cli_help(&out, cli->command);
		else
			cli_usage(&out);
		buf_flush(&out);
		exit(EXIT_FINE);
	}
	}
}

/* Takes the option at ARGV[*I], and its value behind it (--name=VALUE, -nVALUE) or as the next argument. */
static void take_option(struct cli *cli, char **argv, int *i)
{
	const char *argument = argv[*i];
	bool letter = argument[1] != '-';
	struct str text = str_from(str_of(argument), letter ? 1 : 2);
	struct str name = str_to(text, letter ? 1 : str_find(text, '=')), behind = str_from(text, name.n);
	const struct option *option = find_option(cli->command, name, letter);
	if (!option || (letter && !option->value && behind.n))
		refuse_option(cli->command, argument);
	if (!option->value && behind.n)
		refuse(cli->command, "--%s takes no value", option->name);
	struct str value = str_from(behind, str_starts(behind, S("=")));
	if (option->value && behind.n == 0) {
		if (!argv[*i + 1])
			refuse(cli->command, "--%s needs a value", option->name);
		value = str_of(argv[++*i]);
	}
	if (option->value && value.n == 0)
		refuse(cli->command, "--%s needs a value", option->name);
	set_option(cli, option, value);
}

/* A command that is misspelt, or stands behind an option, looks like a file that is not there. */
static void refuse_command(const struct cli *cli, const char *name)
{
	if (strchr(name, '/') || access(name, F_OK) == 0)
		return;
	if (cli_command(str_of(name)))
		refuse(cli_command(str_of(name)), "the command comes first");
	for (const struct command *c = commands + 1; c->name; c++)
		if (str_distance(str_of(name), str_of(c->name), 2) <= 2)
			refuse(cli->command, "there is no command or file '%s'; did you mean `kdk-render %s`?", name, c->name);
}

struct cli cli_parse(int argc, char **argv)
{
	static char *no_files[1];
	struct cli cli = {.command = argc > 1 && argv[1][0] ? cli_command(str_of(argv[1])) : NULL, .files = no_files};
	int i = 1;
	if (cli.command)
		i++;
	else
		cli.command = cli_command(S(""));
	if (argc > 1)
		cli.files = argv + i; /* shrinks in place */
	for (; i < argc; i++) {
		if (!cli.dashes && strcmp(argv[i], "--") == 0) {
			cli.dashes = true;
			cli.before_dashes = cli.file_count;
		} else if (!cli.dashes && argv[i][0] == '-' && argv[i][1])
			take_option(&cli, argv, &i);
		else
			cli.files[cli.file_count++] = argv[i];
	}
	if (cli.command->formats && cli.format.n == 0)
		cli.format = str_of(cli.command->formats[0]);
	if (!cli.command->name[0] && cli.file_count && cli.files[0][0])
		refuse_command(&cli, cli.files[0]);
	if (cli.file_count < cli.command->least)
		refuse(cli.command, "missing: %s", cli.command->arguments);
	if (cli.file_count > cli.command->most)
		refuse(cli.command, "one argument too many: %s", cli.files[cli.command->most]);
	return cli;
}
