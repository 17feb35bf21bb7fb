/* kdk-pod: PID 1 of a KDK pod, and what is asked of one that runs. The run itself, phase by phase, is pod/run.c. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/die.h"
#include "pod/dump.h"
#include "pod/forward.h"
#include "pod/health.h"
#include "pod/report.h"
#include "pod/resolve.h"
#include "pod/run.h"

static int command_version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("kdk-pod " KDK_VERSION);
	return 0;
}

static int command_help(int argc, char **argv);

static const struct command_line {
	const char *name, *arguments, *summary;
	const char *const *words; /* what the one argument may be; NULL: see most */
	int least, most;
	int (*run)(int argc, char **argv);
} commands[] = {
	{"run", "", "be PID 1: dockerd, kind, the kubeconfig into its Secret, and a clean stop on SIGTERM", NULL, 0, 0, command_run},
	{"preflight", "[--json]", "say whether the cluster can be started here, and what to do where it cannot", NULL, 0, 1,
	 command_preflight},
	{"health", "startup|live|ready", "what the pod's probes run", (const char *const[]){"startup", "live", "ready", NULL}, 1, 1,
	 command_health},
	{"dump", "", "print what a maintainer would ask for, secrets left out; SIGUSR1 logs the same", NULL, 0, 0, command_dump},
	{"forward", "PORT CONTAINER", "used by run: a port of this pod leads to a node at another docker host", NULL, 2, 2, command_forward},
	{"resolve", "PID SERVER NAME", "used by run: does a DNS server answer, in the network of that process?", NULL, 3, 3, command_resolve},
	{"help", "", "print this", NULL, 0, 0, command_help},
	{"version", "", "print the version", NULL, 0, 0, command_version},
};

static void usage(FILE *out)
{
	fputs("kdk-pod runs in a KDK pod's container. Usage:\n\n", out);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		fprintf(out, "  kdk-pod %-9s %-18s %s\n", commands[i].name, commands[i].arguments, commands[i].summary);
}

static int command_help(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	usage(stdout);
	return 0;
}

static int is_word(const struct command_line *command, const char *word)
{
	for (const char *const *w = command->words; w && *w; w++) {
		if (strcmp(*w, word) == 0)
			return 1;
	}
	return !command->words;
}

int main(int argc, char **argv)
{
	die_program_set("kdk-pod");
	const char *name = argc > 1 ? argv[1] : "";
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		name = "help";
	if (strcmp(name, "--version") == 0)
		name = "version";
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		const struct command_line *command = &commands[i];
		int count = argc - 2;
		if (strcmp(command->name, name) != 0)
			continue;
		if (count < command->least || count > command->most || (count == 1 && !is_word(command, argv[2])))
			break;
		int status = command->run(count, argv + 2);
		return fflush(stdout) == 0 ? status : EXIT_WORLD;
	}
	usage(stderr);
	return POD_EXIT_CONFIG;
}
