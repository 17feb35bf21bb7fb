/* Ending at once, when the world or we have failed. */
#include "die.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* The one mutable global of the program: set once by the run, before any work. */
static void (*die_hook)(const char *message);

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
	fprintf(stderr, "kdk-render: %s\n", message);
	exit(EXIT_WORLD);
}

void bug_at(const char *file, int line, const char *what)
{
	fprintf(stderr, "kdk-render: bug at %s:%d: %s; please report it\n", file, line, what);
	abort();
}
