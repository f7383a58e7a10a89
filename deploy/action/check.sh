#!/bin/sh
# check.sh [FILE…]: checks policies. For a policy NAME.yaml the cases are those of NAME.cases.yaml, where that exists; a file
# of cases stands for its policy. Default: tvm.yaml.
# TVM names the command; default: tvm of the PATH, else the launcher of this repository. FORMAT: github, for annotations.
# Exit code: the highest of all checks; 0 good, 1 a case failed, 2 a policy has errors.
set -u
here=$(CDPATH='' cd -P -- "$(dirname -- "$0")" && pwd)
: "${TVM:=$(command -v tvm || echo "$here/../../tvm")}"
[ $# -gt 0 ] || set -- tvm.yaml
worst=0
checked='
'
for file; do
  policy=${file%.cases.yaml}
  if [ "$policy" = "$file" ]; then policy=${file%.yaml}; fi
  case $checked in *"
$policy
"*) continue ;; esac
  checked="$checked$policy
"
  cases=$policy.cases.yaml
  policy=$policy.yaml
  if [ -e "$cases" ]; then
    "$TVM" check ${FORMAT:+--format "$FORMAT"} --cases "$cases" "$policy"
  else
    "$TVM" check ${FORMAT:+--format "$FORMAT"} "$policy"
  fi
  code=$?
  if [ "$code" -gt "$worst" ]; then worst=$code; fi
done
exit "$worst"
