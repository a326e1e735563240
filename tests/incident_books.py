"""Runbooks that tests work incidents from, and people who do it."""

from keys_jupyter.model.incident import Actor

RICH = """# Big Failure Runbook

## When to Use This Runbook

- The alert `BIG_FAILURE` fires.

## Immediate Safety Checks

**DO NOT**:
- Do not replay events

### Check 1: Look first

**Action**: Look.

### Check 2: Freeze deploys

**Action**: Freeze.

## Diagnosis Flow

### Step 1: Analyze

**Action**: Use the key
- **KEY**: `jupyter-small`
- **Input**: `log.csv`, the log
- **Output**: a report

**Interpret Results**:
- **If Success Rate < 95 %**: See Action 1
- **If Timeout Errors**: See Action 2
- **If the database differs**: See: Small Failure Runbook (`small-failure`)

### Step 2: Ask the node tool

- **KEY**: `node-queue-drain`
- **Input**: the queue's name
- **Location**: `/node-keys/queue-drain/index.ts`

```bash
npx keys run node-queue-drain --queue default
```

## Action Steps

### Action 1: Restart the worker

**REVERSIBLE**

### Action 2: Resend all events

**IRREVERSIBLE**

## Verification

### Window 1: First 15 minutes

**When**: 15 minutes after the last action.

### Window 2: After 4 hours

**When**: 4 hours after the last action.

## Rollback / Escalation

### Escalation Triggers

- **unresolved**: Unresolved after 30 minutes from Check 1. Call: the lead.
- **old events**: Oldest event is older than 48 hours. Call: the lead, at once.

## Evidence & Audit Notes

### Artifacts to Save

1. **First state**: `timeline.txt`, `probe.txt`
2. **Analysis report** (`jupyter-small`), with its input `log.csv`
3. **Recovery record**: `sent.txt`, and, if used, `stuck.csv`

### Required Audit Entries

- Start and end in UTC
- Root cause

## Post-Incident Follow-Ups

### Task 1: Hold the review

**When**: Within 5 working days.
"""


def person(name):
    """Return what says that this person acts."""
    return lambda: Actor(
        subject="ops",
        display="ops",
        method="os",
        os_user="ops",
        host="here",
        claimed_name=name,
    )
