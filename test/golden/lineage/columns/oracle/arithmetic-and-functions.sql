select NAME || '/' || to_char(VERSION) as PLAN_KEY, round(PRICE * (1 + TOLERANCE / 100), 2) as GROSS, trunc(CHANGED_ON) as CHANGED_DAY from SAMPLE_PLAN
