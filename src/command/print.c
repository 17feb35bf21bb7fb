/* Commands that need no input: schema, help, completion, version. */
#include "commands.h"

#include "../base/die.h"
#include "../config/reference.h"
#include "../config/schema.h"

#include <unistd.h>

int command_schema(const struct cli *cli)
{
	struct buf out = buf_fd(STDOUT_FILENO, "standard output");
	if (str_eq(cli->format, S("json")))
		schema_write(&out);
	else if (str_eq(cli->format, S("markdown")))
		reference_markdown(&out);
	else
		reference_values(&out);
	buf_flush(&out);
	buf_free(&out);
	return EXIT_FINE;
}

static _Noreturn void refuse_topic(const char *written)
{
	for (const struct command *c = commands; c->name; c++)
		if (c->name[0] && str_distance(str_of(written), str_of(c->name), 2) <= 2)
			die("there is no command '%s'; did you mean '%s'?", written, c->name);
	die("there is no command '%s'", written);
}

int command_help(const struct cli *cli)
{
	struct buf out = buf_fd(STDOUT_FILENO, "standard output");
	const struct command *about = cli->file_count ? cli_command(str_of(cli->files[0])) : NULL;
	if (cli->file_count && str_eq(str_of(cli->files[0]), S("man")))
		cli_man(&out);
	else if (cli->file_count && !about)
		refuse_topic(cli->files[0]);
	else if (about)
		cli_help(&out, about);
	else
		cli_usage(&out);
	buf_flush(&out);
	buf_free(&out);
	return EXIT_FINE;
}

int command_completion(const struct cli *cli)
{
	struct buf out = buf_fd(STDOUT_FILENO, "standard output");
	if (!cli_completion(&out, str_of(cli->files[0])))
		die("there is no completion for '%s': bash, zsh and fish are known", cli->files[0]);
	buf_flush(&out);
	buf_free(&out);
	return EXIT_FINE;
}

int command_version(const struct cli *cli)
{
	(void)cli;
	struct buf out = buf_fd(STDOUT_FILENO, "standard output");
	BUF_LIT(&out, "kdk-render " KDK_VERSION "\n");
	buf_flush(&out);
	buf_free(&out);
	return EXIT_FINE;
}
