/* Reads texts as kdk-render does, for a comparison with Go's netip (addresses.go).
 *
 * Takes on stdin texts, each as its length (4 bytes, big-endian) and its bytes; gives a line for
 * each: "ADDRESS RANGE OVERLAP", "-" for what the text is not. Behind a range with host bits
 * stands the one without; OVERLAP says of a range whether it touches the one before it.
 */
#include "../../../src/base/addr.h"

#include <stdio.h>
#include <stdlib.h>

int main(void)
{
	struct cidr before = {0};
	unsigned char head[4];
	char address[ADDR_TEXT], range[CIDR_TEXT];
	while (fread(head, 1, sizeof head, stdin) == sizeof head) {
		size_t n = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
		char *text = malloc(n ? n : 1); /* of its own size, so that a sanitizer sees what reads past it */
		if (!text || fread(text, 1, n, stdin) != n)
			return 2;
		struct addr addr;
		if (addr_parse((struct str){text, n}, &addr))
			printf("%.*s ", STR(addr_print(address, addr)));
		else
			printf("- ");
		struct cidr cidr;
		enum cidr_error error = cidr_parse((struct str){text, n}, &cidr);
		free(text);
		if (error == CIDR_INVALID) {
			printf("- -\n");
			continue;
		}
		printf("%.*s", STR(cidr_print(range, cidr)));
		if (error == CIDR_HOST_BITS)
			printf(" %.*s", STR(cidr_print(range, cidr_masked(cidr))));
		printf(" %s\n", cidr_overlaps(before, cidr) ? "overlap" : "apart");
		before = cidr;
	}
	return ferror(stdin) || fflush(stdout) ? 2 : 0;
}
