select PLAN_NAME, N from SAMPLE model dimension by (PLAN_NAME) measures (0 N) rules (N['x'] = 1)
