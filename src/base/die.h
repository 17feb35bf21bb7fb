/* The two ways to end at once. A user's mistake is neither: it is a diagnostic.
 *
 * die()  the world failed (a file, memory, a write): message on stderr, exit 2
 * BUG()  we failed: message on stderr, abort
 */
#ifndef KDK_BASE_DIE_H
#define KDK_BASE_DIE_H

enum exit_status {
	EXIT_FINE = 0,
	EXIT_INPUT = 1, /* the input has problems */
	EXIT_WORLD = 2, /* usage, a file, memory, a failed write */
};

/* The name that messages begin with; "kdk-render" where nothing is set. */
void die_program_set(const char *name);

/* Prints "<program>: <message>" to stderr and exits with EXIT_WORLD. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void bug_at(const char *file, int line, const char *what);
#define BUG(what) bug_at(__FILE__, __LINE__, (what))

/* What die() does before it exits: a post-renderer under Helm 4 must say its
 * failure on stdout. The hook gets the message; NULL takes it away. */
void die_hook_set(void (*hook)(const char *message));

#endif
