//go:build tools

// Package checkers names the program that is built, so that go.mod and go.sum pin it and all it needs.
package checkers

import _ "github.com/rhysd/actionlint/cmd/actionlint"
