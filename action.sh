#!/usr/bin/env bash
# The two steps of action.yml that run programs: `install` and `scan`. Everything comes in through the environment.
set -euo pipefail

place="${RUNNER_TEMP:?is set by the runner}/bindlint"
python="${place}/venv/bin/python"

usage() { # the caller's workflow is wrong: say so in the log and in the step's result
    echo "::error title=bindlint::$1"
    exit 2
}

install() {
    local base="" candidate
    for candidate in python3 python; do
        if "${candidate}" -I -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            base="${candidate}"
            break
        fi
    done
    [ -n "${base}" ] || usage "needs Python 3.10 or later; put actions/setup-python before this step"
    "${base}" -I -m venv --clear "${place}/venv"
    # -I: the checkout that the runner stands in is not on the import path.
    "${python}" -I -m pip install --quiet --no-input --disable-pip-version-check \
        --require-hashes --only-binary :all: --requirement "${GITHUB_ACTION_PATH}/requirements/action.txt"
    "${python}" -I -m pip install --quiet --no-input --disable-pip-version-check \
        --no-deps --no-build-isolation "${GITHUB_ACTION_PATH}"
}

# A pull request must not soften the settings it is judged by: take them from the commit that it wants to change.
from_base() {
    local name folder="$1/base"
    [ "${GITHUB_EVENT_NAME}" = pull_request ] || return 0
    if ! git_show "${BASE_SHA}^{commit}" >/dev/null; then
        echo "::notice title=bindlint::The settings are those of the pull request, because its base is not in this clone. With fetch-depth: 2 in the checkout step they are those of the base."
        return 0
    fi
    mkdir "${folder}"
    for name in .bindlint.toml pyproject.toml; do
        if git_show "${BASE_SHA}:${name}" >"${folder}/${name}"; then
            options+=(--config "${folder}/${name}")
            return 0
        fi
    done
    options+=(--no-config)
}

git_show() {
    git -c core.fsmonitor=false -c core.hooksPath=/dev/null --no-optional-locks cat-file -p "$1" 2>/dev/null
}

scan() {
    local reports code=0 upload findings line paths=() options=()
    [ -z "${BINDLINT_PERSONA}" ] || options+=("--persona=${BINDLINT_PERSONA}")
    [ -z "${BINDLINT_FAIL_ON}" ] || options+=("--fail-on=${BINDLINT_FAIL_ON}")
    mkdir -p "${place}"
    reports=$(mktemp -d "${place}/reports.XXXXXX")
    cd "${GITHUB_WORKSPACE:?is set by the runner}"
    case "${BINDLINT_CONFIG}" in
        base) from_base "${reports}" ;;
        project) ;;
        none) options+=(--no-config) ;;
        *) usage "config must be base, project or none" ;;
    esac
    case "${BINDLINT_IGNORES}" in
        obey) ;;
        none) options+=(--no-ignores) ;;
        *) usage "ignores must be obey or none" ;;
    esac
    case "${BINDLINT_ANNOTATIONS}" in
        true) options+=(--format github) ;;
        false) options+=(--format text) ;;
        *) usage "annotations must be true or false" ;;
    esac
    case "${BINDLINT_UPLOAD}" in
        true | false) upload="${BINDLINT_UPLOAD}" ;;
        auto)
            # A pull request from a fork, and Dependabot, get a token that may not write: annotations and summary must do.
            upload=true
            [ "${GITHUB_EVENT_NAME}" != pull_request ] || [ "${HEAD_REPOSITORY}" = "${GITHUB_REPOSITORY}" ] || upload=false
            [ "${GITHUB_ACTOR}" != "dependabot[bot]" ] || upload=false
            ;;
        *) usage "upload-sarif must be auto, true or false" ;;
    esac
    while IFS= read -r line || [ -n "${line}" ]; do
        [ -z "${line}" ] || paths+=("${line}")
    done <<<"${BINDLINT_PATHS}"

    [ ${#paths[@]} -gt 0 ] || usage "paths must name at least one"

    local sarif="${reports}/bindlint.sarif" summary="${reports}/summary.md"
    "${python}" -I -m bindlint scan "${options[@]}" --output "sarif=${sarif}" --output "markdown=${summary}" \
        -- "${paths[@]}" || code=$?

    findings=0
    if [ -s "${sarif}" ]; then
        findings=$("${python}" -I -c '
import json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    print(sum(len(run["results"]) for run in json.load(file)["runs"]))
' "${sarif}")
    else
        upload=false
    fi
    # A summary over 1 MiB would be refused whole.
    [ ! -s "${summary}" ] || head -c 1000000 "${summary}" >>"${GITHUB_STEP_SUMMARY}"
    {
        echo "sarif-file=${sarif}"
        echo "findings=${findings}"
        echo "exit-code=${code}"
        echo "upload=${upload}"
    } >>"${GITHUB_OUTPUT}"
}

"$1"
