/* What the table of commands in kdk-render.c names. Each gives the exit status. */
#ifndef KDK_COMMAND_COMMANDS_H
#define KDK_COMMAND_COMMANDS_H

#include "cli.h"

run_command command_default, command_post, command_lint, command_show, command_explain, command_discover, command_lock,
	command_diff, command_schema, command_completion, command_help, command_version;

#endif
