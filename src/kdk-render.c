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
static const char *const rules[] = {
#define RULE(identifier, name, level, title) name,
#include "base/rules.def"
#undef RULE
	NULL};
static const char *const topics[] = {"lint", "show", "explain", "discover", "lock", "diff", "schema", "completion", "version", "man", NULL};
static const char *const lint_formats[] = {"text", "json", "sarif", "github", NULL};
static const char *const map_formats[] = {"text", "svg", NULL};
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
	{"explain", "FILE...|RULE", "say which ranges clusters get and how they stand to the parents; or what a rule means",
	 "Of values FILEs: every cluster's ranges with where they come from, then a matrix of nested ranges and\n"
	 "parents, with what would happen under each clash. It is printed whether the values are right or not; what\n"
	 "is wrong goes to stderr, as with lint.\n\n"
	 "--map draws the IPv4 address space in characters; --format svg, alone or with it, as a picture.\n\n"
	 "Of a RULE, which stands in brackets behind a message: what it means, why it is one and what to do.",
	 OPTION_RELEASE | OPTION_NAMESPACE | OPTION_STRICT | OPTION_MAP | OPTION_FORMAT, 1, ANY, rules, map_formats, command_explain},
	{"discover", "[FILE...]", "print the `parents` entry of a host cluster, from what kubectl says of it",
	 "kubectl get nodes,servicecidrs,services,pods -A -o yaml | kdk-render discover\n\n"
	 "Any part of that will do, from FILEs or standard input (-), as YAML or JSON, and what else says a range:\n"
	 "kubeadm's, kube-proxy's, kubelet's, CoreDNS' and Cilium's ConfigMaps, Calico's IPPools, Cilium's pools and\n"
	 "nodes, OpenShift's Network. Comments say of each range whether it is exact or only what is in use, who\n"
	 "says so, and which command would say what is missing. Secrets are not read. An input may have 64 MiB:\n"
	 "of a large cluster leave out the pods, or give a file for each namespace.",
	 OPTION_NAME, 0, ANY, NULL, NULL, command_discover},
	{"lock", "FILE...", "print what was assigned as a values file, which keeps it: kdk.lock.yaml",
	 "With the lock itself among the FILEs nothing that it holds moves, what is new is added, and what is gone\n"
	 "drops out. A shell empties the file it writes to before it can be read, so:\n\n"
	 "    kdk-render lock values.yaml >kdk.lock.yaml\n"
	 "    kdk-render lock values.yaml kdk.lock.yaml >kdk.lock.new && mv kdk.lock.new kdk.lock.yaml\n\n"
	 "Then give it wherever the values are given, as one more -f, and commit it. With --check, in CI, a line for\n"
	 "each difference goes to stdout: + added, - removed, ~ changed.",
	 OPTION_RELEASE | OPTION_NAMESPACE | OPTION_STRICT | OPTION_CHECK, 1, ANY, NULL, NULL, command_lock},
	{"diff", "OLD... [--] NEW...", "say whose ranges change between two sets of values files, and what that does",
	 "Of several files, -- parts the old ones from the new ones; one of each needs none:\n\n"
	 "    git show main:values.yaml | kdk-render diff - values.yaml\n"
	 "    kdk-render diff old.yaml old.lock.yaml -- values.yaml kdk.lock.yaml\n\n"
	 "Cluster by cluster: + added, - removed, ~ changed, with ranges and settings that kind cannot change in a\n"
	 "cluster that exists, from -> to, and what comes of it where the cluster runs. Each side is planned from its\n"
	 "files alone: a lock counts where it is given; what a release in a cluster remembers is not known here.\n"
	 "Exit status, as of diff: 0 nothing changes, 1 something does, 2 trouble, such as values that are wrong.",
	 OPTION_RELEASE | OPTION_NAMESPACE, 2, ANY, NULL, NULL, command_diff},
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
