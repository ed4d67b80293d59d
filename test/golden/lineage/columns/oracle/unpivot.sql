select NAME, KIND, BOUND from (select NAME, LIMIT_LOW, LIMIT_HIGH from SAMPLE_PLAN) unpivot (BOUND for KIND in (LIMIT_LOW as 'low', LIMIT_HIGH as 'high'))
