/* Any bytes as a range and as an address: what parses prints as itself, in canonical form. */
#include "addr.h"
#include "die.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
	if (!holds)
		BUG("addr");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = {(const char *)data, size};
	char out[CIDR_TEXT], out_again[CIDR_TEXT];

	struct addr addr, addr_again;
	if (addr_parse(text, &addr)) {
		struct str printed = addr_print(out, addr);
		require(printed.n <= ADDR_TEXT);
		require(addr_parse(printed, &addr_again) && addr_cmp(addr, addr_again) == 0);
		require(str_eq(printed, addr_print(out_again, addr_again)));
		require(cidr_has(cidr_widest(addr), addr));
	}

	struct cidr cidr, cidr_again;
	enum cidr_error error = cidr_parse(text, &cidr);
	require(cidr.set == (error != CIDR_INVALID));
	if (cidr.set) {
		struct str printed = cidr_print(out, cidr);
		require(printed.n <= CIDR_TEXT);
		require(cidr_parse(printed, &cidr_again) == error);
		require(cidr_eq(cidr, cidr_again));
		struct cidr masked = cidr_masked(cidr);
		require(cidr_eq(masked, cidr) == (error == CIDR_OK));
		require(cidr_is_v4(masked) == cidr_is_v4(cidr) && cidr_has(masked, cidr.addr));
		require(cidr_part_index(masked, cidr.length, cidr_last(cidr)) == 0);
		require(cidr_parse(cidr_print(out, masked), &cidr_again) == CIDR_OK);
	}
	return 0;
}
