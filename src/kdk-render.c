/* kdk-render: values → manifests. The run, stage by stage.
 *
 *     read      files or standard input → text          base/file
 *     parse     text → trees, merged as Helm merges      config/tree, merge
 *     load      trees → checked, typed values            config/check, load
 *     plan      values → address ranges                  plan/
 *     check     what would be too large                  render/
 *     report    everything that is wrong, at once        report/
 *     write     manifests, only if nothing is wrong      render/
 *
 * As a post-renderer, the values come from the carriers that the chart left in Helm's
 * stream (post/), and everything else in that stream passes through.
 */
#include "command/commands.h"

#include <signal.h>

enum { ANY = 65535 };
static const char *const shells[] = {"bash", "zsh", "fish", NULL};
static const char *const topics[] = {"lint", "show", "schema", "completion", "version", "man", NULL};
static const char *const lint_formats[] = {"text", "json", "sarif", "github", NULL};
static const char *const schema_formats[] = {"json", "markdown", "values", NULL};

const struct command commands[] = {
	{"", "[FILE...]", "write the manifests for values files; without FILE, be Helm's post-renderer",
	 "FILEs are values files, merged as Helm merges `-f a -f b`: maps by key, later files win, lists are\n"
	 "replaced; - is standard input. Nothing is written unless everything is right.\n\n"
	 "Without FILE it is the program for `helm ... --post-renderer kdk-render`: it replaces what the kdk\n"
	 "chart left for it on standard input and passes every other byte through.",
	 OPTION_RELEASE | OPTION_NAMESPACE | OPTION_CREATE_NAMESPACE | OPTION_STRICT, 0, ANY, NULL, NULL, command_default},
	{"lint", "FILE...", "say everything that is wrong with values files, and write nothing",
	 "As text, diagnostics go to stderr, with a line that counts them. json (schemas/lint.schema.json), sarif\n"
	 "(SARIF 2.1.0, for code scanners) and github (workflow commands) go to stdout. A values file that Helm has\n"
	 "already read can hide mistakes, such as a key given twice: lint the file itself, in CI.",
	 OPTION_RELEASE | OPTION_NAMESPACE | OPTION_STRICT | OPTION_FORMAT, 1, ANY, NULL, lint_formats, command_lint},
	{"show", "FILE...", "print what every cluster gets, defaults and ranges filled in, as YAML",
	 "The output is the clusters of a values file, in which nothing is left to defaults.",
	 OPTION_RELEASE | OPTION_NAMESPACE | OPTION_STRICT, 1, ANY, NULL, NULL, command_show},
	{"schema", "", "print what a values file may hold",
	 "As a JSON Schema (draft-07), as a reference in Markdown, or as a commented values file to start from.",
	 OPTION_FORMAT, 0, 0, NULL, schema_formats, command_schema},
	{"completion", "bash|zsh|fish", "print completions for a shell",
	 "bash: source <(kdk-render completion bash)\n"
	 "zsh:  source <(kdk-render completion zsh)\n"
	 "fish: kdk-render completion fish | source",
	 0, 1, 1, shells, NULL, command_completion},
	{"help", "[COMMAND]", "say how it is used", "`kdk-render help man` prints the manual page.", 0, 0, 1, topics, NULL,
	 command_help},
	{"version", "", "print the version", "It is also the default tag of the pod's image.", 0, 0, 0, NULL, NULL,
	 command_version},
	{NULL, NULL, NULL, NULL, 0, 0, 0, NULL, NULL, NULL},
};

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write, and said */
	struct cli cli = cli_parse(argc, argv);
	return cli.command->run(&cli);
}
