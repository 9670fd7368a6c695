// Command argocd is Argo CD as far as a rehearsal needs it: what renders a repository, what applies it, and the cache
// between the two. Which of them it is, the name tells by which it is called.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/alicebob/miniredis/v2"
	controller "github.com/argoproj/argo-cd/v3/cmd/argocd-application-controller/commands"
	repository "github.com/argoproj/argo-cd/v3/cmd/argocd-repo-server/commands"
)

func main() {
	if err := run(filepath.Base(os.Args[0])); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(name string) error {
	switch name {
	case "argocd-application-controller":
		return controller.NewCommand().Execute()
	case "argocd-repo-server":
		return repository.NewCommand().Execute()
	case "argocd-redis":
		return cache()
	}
	return fmt.Errorf("no server is named %q", name)
}

// cache serves what of Redis Argo CD needs, in memory, at the address that is the one argument.
func cache() error {
	if len(os.Args) != 2 {
		return fmt.Errorf("usage: argocd-redis ADDRESS")
	}
	server := miniredis.NewMiniRedis()
	if err := server.StartAddr(os.Args[1]); err != nil {
		return err
	}
	for range time.Tick(time.Second) {
		server.FastForward(time.Second) // its clock stands still; nothing else lets keys expire
	}
	return nil
}
