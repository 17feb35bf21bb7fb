/* Ending at once, when the world or we have failed. */
#include "die.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The mutable globals of the program: set once by the run, before any work. */
static void (*die_hook)(const char *message);
static const char *die_program = "kdk-render";

void die_program_set(const char *name)
{
	die_program = name;
}

void die_hook_set(void (*hook)(const char *message))
{
	die_hook = hook;
}

void die(const char *format, ...)
{
	char message[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(message, sizeof message, format, args);
	va_end(args);

	void (*hook)(const char *) = die_hook;
	die_hook = NULL; /* a failure inside the hook must not come back here */
	if (hook)
		hook(message);
	fprintf(stderr, "%s: %s\n", die_program, message);
	exit(EXIT_WORLD);
}

void bug_at(const char *file, int line, const char *what)
{
	fprintf(stderr, "%s: bug at %s:%d: %s; please report it\n", die_program, file, line, what);
	abort();
}
