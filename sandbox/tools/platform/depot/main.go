// depot serves over HTTP what a sandbox's cluster reads: depot ADDRESS FOLDER.
//
// Below FOLDER, git/ holds bare repositories that anyone may push to, charts/ a Helm repository, and registry/ the
// blobs of an OCI registry. It also answers as a proxy for its own name, so that URLs need no port.
package main

import (
	"context"
	"log"
	"net"
	"net/http"
	"net/http/cgi"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/distribution/distribution/v3/configuration"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
)

const name = "depot.internal"

func main() {
	address, folder := os.Args[1], os.Args[2]
	routes := http.NewServeMux()
	routes.Handle("/git/", http.StripPrefix("/git", repositories(filepath.Join(folder, "git"))))
	routes.Handle("/charts/", http.StripPrefix("/charts", http.FileServer(http.Dir(filepath.Join(folder, "charts")))))
	routes.Handle("/v2/", registry(filepath.Join(folder, "registry")))
	log.Fatal(http.ListenAndServe(address, own(routes)))
}

// own refuses to be a proxy for any other host.
func own(next http.Handler) http.Handler {
	return http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		host, _, err := net.SplitHostPort(request.Host)
		if err != nil {
			host = request.Host
		}
		if host != name && !net.ParseIP(host).IsLoopback() {
			http.Error(writer, host+" is outside the sandbox", http.StatusForbidden)
			return
		}
		next.ServeHTTP(writer, request)
	})
}

func repositories(folder string) http.Handler {
	git, err := exec.LookPath("git")
	if err != nil {
		log.Fatal(err)
	}
	return &cgi.Handler{
		Path: git,
		Args: []string{"http-backend"},
		Env:  []string{"GIT_PROJECT_ROOT=" + folder, "GIT_HTTP_EXPORT_ALL=1"},
	}
}

func registry(folder string) http.Handler {
	config := &configuration.Configuration{
		Storage: configuration.Storage{
			"filesystem": {"rootdirectory": folder},
			"delete":     {"enabled": true},
		},
	}
	config.Log.Level = "warn"
	config.HTTP.Secret = "shared by no other server"
	return handlers.NewApp(context.Background(), config)
}
