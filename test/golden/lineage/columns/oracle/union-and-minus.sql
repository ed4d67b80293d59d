select PLAN_NAME from SAMPLE union select NAME from SAMPLE_PLAN minus select WHAT from AUDIT_LOG where WHO = 'X'
