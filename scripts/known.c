/* src/pod/known.def as text, for grep -E: a line for each row, regex<TAB>cause<TAB>remedy. */
#include <stdio.h>

int main(void)
{
	puts("# Known failures in logs: regex<TAB>cause<TAB>remedy; the first that matches counts. Made from src/pod/known.def.");
#define KNOWN(kind, regex, cause, remedy) printf("%s\t%s\t%s\n", regex, cause, remedy);
#include "../src/pod/known.def"
	return 0;
}
