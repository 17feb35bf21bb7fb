package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // carries the schema, as a constant of its own
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const sarifModule = "github.com/owenrumney/go-sarif/v3"

// printSchema prints the constant "schema" of the SARIF module: OASIS's JSON Schema, errata 01.
func printSchema() error {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", sarifModule).Output()
	if err != nil {
		return err
	}
	path := filepath.Join(strings.TrimSpace(string(dir)), "pkg/report/v210/sarif/schema.go")
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		return err
	}
	found := fmt.Errorf("no constant schema in %s", path)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if ok && spec.Names[0].Name == "schema" && len(spec.Values) == 1 {
			if text, ok := spec.Values[0].(*ast.BasicLit); ok {
				var unquoted string
				if unquoted, found = strconv.Unquote(text.Value); found == nil {
					_, found = fmt.Println(unquoted)
				}
			}
		}
		return true
	})
	return found
}

func validate(schemaPath string, files []string, more func([]byte) []string) (wrong bool, err error) {
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat() // a uri is one
	schema, err := compiler.Compile(schemaPath)
	if err != nil {
		return false, err
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return false, err
		}
		var problems []string
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
		if err == nil {
			err = schema.Validate(value)
		}
		if err != nil {
			problems = append(problems, err.Error())
		} else if more != nil {
			problems = more(text)
		}
		for _, problem := range problems {
			fmt.Printf("%s: %s\n", path, problem)
			wrong = true
		}
	}
	return wrong, nil
}

type message struct{ Text string }

type location struct {
	PhysicalLocation *struct {
		ArtifactLocation struct{ URI string }
		Region           struct{ StartLine, StartColumn, EndColumn int }
	}
	Message message
}

type sarifLog struct {
	Runs []struct {
		Tool struct {
			Driver struct {
				Name, SemanticVersion string
				Rules                 []struct {
					ID                                      string
					ShortDescription, FullDescription, Help message
					DefaultConfiguration                    struct{ Level string }
				}
			}
		}
		ColumnKind string
		Results    []struct {
			RuleID                      string
			RuleIndex                   *int
			Level                       string
			Message                     message
			Locations, RelatedLocations []location
			PartialFingerprints         map[string]string
		}
	}
}

// What a path may be made of, "%" for all else.
const uriCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/%"

// scannable says what a SARIF file that fits the schema lacks for GitHub's code scanning ("SARIF support for code
// scanning" in its documentation): descriptions of every rule, and for every result a rule, a level and one place
// with a relative URI and a region.
func scannable(text []byte) (problems []string) {
	problem := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	var log sarifLog
	if err := json.Unmarshal(text, &log); err != nil {
		return []string{err.Error()}
	}
	if len(log.Runs) != 1 {
		problem("%d runs, want 1", len(log.Runs))
	}
	for _, run := range log.Runs {
		driver := run.Tool.Driver
		if driver.Name == "" || driver.SemanticVersion == "" {
			problem("the tool lacks name or version")
		}
		if run.ColumnKind != "unicodeCodePoints" {
			problem("columns are counted in %q", run.ColumnKind)
		}
		seen := map[string]bool{}
		for _, rule := range driver.Rules {
			if seen[rule.ID] {
				problem("rule %s comes twice", rule.ID)
			}
			seen[rule.ID] = true
			if rule.ShortDescription.Text == "" || rule.FullDescription.Text == "" || rule.Help.Text == "" ||
				rule.DefaultConfiguration.Level == "" {
				problem("rule %s lacks a text or a level", rule.ID)
			}
		}
		for i, result := range run.Results {
			where := fmt.Sprintf("result %d (%s)", i, result.RuleID)
			if result.RuleIndex == nil || *result.RuleIndex < 0 || *result.RuleIndex >= len(driver.Rules) ||
				driver.Rules[*result.RuleIndex].ID != result.RuleID {
				problem("%s: the index is not that of its rule", where)
			}
			if result.Level == "" || result.Message.Text == "" {
				problem("%s lacks level or message", where)
			}
			if len(result.Locations) != 1 {
				problem("%s has %d places, want 1", where, len(result.Locations))
			}
			if result.PartialFingerprints["kdk/v1"] == "" {
				problem("%s has no fingerprint", where)
			}
			for _, related := range result.RelatedLocations {
				if related.Message.Text == "" {
					problem("%s: a related place without a message", where)
				}
			}
			for _, place := range append(result.Locations, result.RelatedLocations...) {
				if place.PhysicalLocation == nil {
					problem("%s: a place without a file", where)
					continue
				}
				uri := place.PhysicalLocation.ArtifactLocation.URI
				parsed, err := url.Parse(uri)
				if err != nil || uri == "" || parsed.Scheme != "" || parsed.Host != "" || strings.HasPrefix(uri, "/") ||
					strings.HasPrefix(uri, "./") || strings.Trim(uri, uriCharacters) != "" {
					problem("%s: %q is not a file's relative URI", where, uri)
				}
				region := place.PhysicalLocation.Region
				if region.StartLine < 1 || (region.StartColumn != 0) != (region.EndColumn != 0) ||
					(region.StartColumn != 0 && region.EndColumn <= region.StartColumn) {
					problem("%s: region %+v", where, region)
				}
			}
		}
	}
	return problems
}
