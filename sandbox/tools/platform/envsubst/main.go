// envsubst runs Flux's substitution on a stream of JSON requests, one a line, for the tests of the program's own.
package main

import (
	"encoding/json"
	"log"
	"os"

	"github.com/fluxcd/pkg/envsubst"
)

type request struct {
	Text      string            `json:"text"`
	Variables map[string]string `json:"variables"`
	Strict    bool              `json:"strict"`
}

type response struct {
	Text  string `json:"text"`
	Error string `json:"error,omitempty"`
}

func main() {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for in.More() {
		var asked request
		if err := in.Decode(&asked); err != nil {
			log.Fatal(err)
		}
		text, err := envsubst.Eval(asked.Text, func(name string) (string, bool) {
			value, found := asked.Variables[name]
			return value, found || !asked.Strict
		})
		answer := response{Text: text}
		if err != nil {
			answer.Error = err.Error()
		}
		if err := out.Encode(answer); err != nil {
			log.Fatal(err)
		}
	}
}
