//go:build tools

// Package tools names the program that is built, so that go.mod and go.sum pin it and all it needs.
package tools

import _ "github.com/axonops/axonops-schema-registry/cmd/schema-registry"
