// Judges what KDK's own code says by other people's: JSON Schema validators and Go's netip.
//
//	oracle schema                     the SARIF 2.1.0 schema, out of the module that carries it (needs Go)
//	oracle json SCHEMA FILE...        each FILE against a JSON Schema
//	oracle sarif SCHEMA FILE...       the same, and what GitHub's code scanning asks for besides
//	oracle addresses COUNT -- DRIVER  COUNT texts read by netip and by DRIVER (driver/addresses.c)
//
// json and sarif print a line for each FILE that is wrong, addresses one for each text that the two read
// differently. The exit status is 1 if there is one, 2 if it could not be tried.
package main

import (
	"fmt"
	"os"
	"strconv"
)

func main() {
	args := os.Args[1:]
	var wrong bool
	var err error
	switch {
	case len(args) == 1 && args[0] == "schema":
		err = printSchema()
	case len(args) > 2 && args[0] == "json":
		wrong, err = validate(args[1], args[2:], nil)
	case len(args) > 2 && args[0] == "sarif":
		wrong, err = validate(args[1], args[2:], scannable)
	case len(args) > 3 && args[0] == "addresses" && args[2] == "--":
		var count int
		if count, err = strconv.Atoi(args[1]); err == nil {
			wrong, err = compareAddresses(count, args[3:])
		}
	default:
		err = fmt.Errorf("usage: oracle schema | json|sarif SCHEMA FILE... | addresses COUNT -- DRIVER")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(2)
	}
	if wrong {
		os.Exit(1)
	}
}
