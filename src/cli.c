/* Command line → struct cli; and everything that can be printed from the tables. */
#include "cli.h"

#include "base/die.h"

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
	{OPTION_STRICT, "strict", "", NULL, "exit with 1 on any warning"},
	{OPTION_FORMAT, "format", "", "FORMAT", "how it is printed"},
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
	BUF_LIT(out, "\n`kdk-render help COMMAND` says more. Exit status: 0 fine, 1 the input has problems, 2 usage or the world.\n");
}

void cli_help(struct buf *out, const struct command *command)
{
	buf_fmt(out, "usage: kdk-render %s%s[options] %s\n\n%s\n\n%s\n\n", command->name, command->name[0] ? " " : "",
		command->arguments, command->summary, command->details);
	list_options(out, command);
}

/* roff minds a backslash, and a dot or quote that begins a line. */
static void roff(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		if ((p == text || p[-1] == '\n') && (*p == '.' || *p == '\''))
			BUF_LIT(out, "\\&");
		if (*p == '\\')
			BUF_LIT(out, "\\\\");
		else if (*p == '-')
			BUF_LIT(out, "\\-");
		else
			buf_char(out, *p);
	}
}

void cli_man(struct buf *out)
{
	BUF_LIT(out, ".TH KDK-RENDER 1 \"\" \"kdk-render " KDK_VERSION "\"\n.SH NAME\nkdk-render \\- private Kubernetes "
		     "clusters from a values file\n.SH SYNOPSIS\n");
	for (const struct command *c = commands; c->name; c++) {
		BUF_LIT(out, ".B kdk-render ");
		roff(out, c->name);
		buf_char(out, ' ');
		roff(out, c->arguments);
		BUF_LIT(out, "\n.br\n");
	}
	BUF_LIT(out, ".SH COMMANDS\n");
	for (const struct command *c = commands; c->name; c++) {
		BUF_LIT(out, ".TP\n.B ");
		roff(out, c->name[0] ? c->name : "(none)");
		buf_char(out, '\n');
		roff(out, c->summary);
		BUF_LIT(out, ".\n");
		roff(out, c->details);
		buf_char(out, '\n');
	}
	BUF_LIT(out, ".SH OPTIONS\n");
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		BUF_LIT(out, ".TP\n.B ");
		if (options[i].letter[0])
			buf_fmt(out, "\\-%s, ", options[i].letter);
		BUF_LIT(out, "\\-\\-");
		roff(out, options[i].name);
		if (options[i].value)
			buf_fmt(out, " \\fI%s\\fR", options[i].value);
		buf_char(out, '\n');
		roff(out, options[i].doc);
		buf_char(out, '\n');
	}
	BUF_LIT(out, ".SH EXIT STATUS\n0 fine, warnings allowed; 1 the input has problems; 2 usage, a file, memory or a failed write.\n"
		     ".SH SEE ALSO\n.BR helm (1),\n.BR kubectl (1)\n");
}

static void words(struct buf *out, const char *const *list)
{
	for (; list && *list; list++)
		buf_fmt(out, " %s", *list);
}

static void bash_completion(struct buf *out)
{
	BUF_LIT(out, "# bash completion for kdk-render: source <(kdk-render completion bash)\n"
		     "_kdk_render() {\n"
		     "  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} options words=\n"
		     "  case $command in\n");
	for (const struct command *c = commands; c->name; c++) {
		if (!c->name[0])
			continue;
		buf_fmt(out, "  %s) options='", c->name);
		for (size_t i = 0; i < OPTION_COUNT; i++)
			if (takes(c, &options[i]))
				buf_fmt(out, "--%s ", options[i].name);
		BUF_LIT(out, "' words='");
		words(out, c->words);
		BUF_LIT(out, "' ;;\n");
	}
	BUF_LIT(out, "  *) options='");
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (takes(cli_command(S("")), &options[i]))
			buf_fmt(out, "--%s ", options[i].name);
	BUF_LIT(out, "'\n     [ \"$COMP_CWORD\" -gt 1 ] || words='");
	for (const struct command *c = commands; c->name; c++)
		if (c->name[0])
			buf_fmt(out, " %s", c->name);
	BUF_LIT(out, "' ;;\n"
		     "  esac\n"
		     "  case $word in -*) words=$options ;; esac\n"
		     "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
		     "  case $word in -*) return ;; esac\n"
		     "  COMPREPLY+=($(compgen -f -- \"$word\"))\n"
		     "}\n"
		     "complete -o filenames -F _kdk_render kdk-render\n");
}

static void zsh_completion(struct buf *out)
{
	BUF_LIT(out, "#compdef kdk-render\n_kdk_render() {\n  if (( CURRENT == 2 )); then\n    local -a commands=(\n");
	for (const struct command *c = commands; c->name; c++)
		if (c->name[0])
			buf_fmt(out, "      '%s:%s'\n", c->name, c->summary);
	BUF_LIT(out, "    )\n    _describe command commands\n  fi\n  case $words[2] in\n");
	for (const struct command *c = commands; c->name; c++) {
		if (!c->words)
			continue;
		buf_fmt(out, "  %s) compadd --", c->name);
		words(out, c->words);
		BUF_LIT(out, " ;;\n");
	}
	BUF_LIT(out, "  esac\n  compadd --");
	for (size_t i = 0; i < OPTION_COUNT; i++)
		buf_fmt(out, " --%s", options[i].name);
	BUF_LIT(out, "\n  _files\n}\ncompdef _kdk_render kdk-render\n");
}

static void fish_completion(struct buf *out)
{
	for (const struct command *c = commands; c->name; c++) {
		if (c->name[0])
			buf_fmt(out, "complete -c kdk-render -n __fish_use_subcommand -a %s -d '%s'\n", c->name, c->summary);
		for (const char *const *w = c->words; w && *w; w++)
			buf_fmt(out, "complete -c kdk-render -n '__fish_seen_subcommand_from %s' -f -a %s\n", c->name, *w);
	}
	for (size_t i = 0; i < OPTION_COUNT; i++)
		buf_fmt(out, "complete -c kdk-render -l %s%s -d '%s'\n", options[i].name, options[i].value ? " -r" : "",
			options[i].doc);
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
	fprintf(stderr, "\nusage: kdk-render %s%s[options] %s\n", command->name, command->name[0] ? " " : "",
		command->arguments);
	exit(EXIT_WORLD);
}

static const struct option *find_option(const struct command *command, struct str name, bool letter)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (takes(command, &options[i]) && str_eq(name, str_of(letter ? options[i].letter : options[i].name)))
			return &options[i];
	return NULL;
}

static void suggest_option(const struct command *command, const char *written)
{
	struct str name = str_of(written);
	while (name.n && name.p[0] == '-')
		name = str_from(name, 1);
	name = str_to(name, str_find(name, '='));
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (takes(command, &options[i]) && str_distance(name, str_of(options[i].name), 2) <= 2)
			refuse(command, "unknown option; did you mean --%s?", options[i].name);
	refuse(command, "unknown option %s", written);
}

static bool is_format(const struct command *command, struct str value)
{
	for (const char *const *f = command->formats; *f; f++)
		if (str_eq(value, str_of(*f)))
			return true;
	return false;
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
	case OPTION_STRICT:
		cli->strict = true;
		break;
	case OPTION_FORMAT:
		if (!is_format(cli->command, value))
			refuse(cli->command, "--format: there is no format '%s'", value.p);
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

/* Takes the option at ARGV[*I], and its value behind `=` or as the next argument. */
static void take_option(struct cli *cli, char **argv, int *i)
{
	const char *argument = argv[*i];
	bool letter = argument[1] != '-';
	struct str text = str_from(str_of(argument), letter ? 1 : 2);
	size_t equals = str_find(text, '=');
	const struct option *option = find_option(cli->command, str_to(text, equals), letter);
	if (!option)
		suggest_option(cli->command, argument);
	if (!option->value && equals < text.n)
		refuse(cli->command, "--%s takes no value", option->name);
	struct str value = {0};
	if (option->value && equals < text.n) {
		value = str_from(text, equals + 1);
	} else if (option->value) {
		if (!argv[*i + 1])
			refuse(cli->command, "--%s needs a value", option->name);
		value = str_of(argv[++*i]);
	}
	if (option->value && value.n == 0)
		refuse(cli->command, "--%s needs a value", option->name);
	set_option(cli, option, value);
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
	bool only_files = false;
	for (; i < argc; i++) {
		if (!only_files && strcmp(argv[i], "--") == 0)
			only_files = true;
		else if (!only_files && argv[i][0] == '-' && argv[i][1])
			take_option(&cli, argv, &i);
		else
			cli.files[cli.file_count++] = argv[i];
	}
	if (cli.command->formats && cli.format.n == 0)
		cli.format = str_of(cli.command->formats[0]);
	if (cli.file_count < cli.command->least)
		refuse(cli.command, "%s is missing", cli.command->arguments);
	if (cli.file_count > cli.command->most)
		refuse(cli.command, "one argument too many: %s", cli.files[cli.command->most]);
	return cli;
}
