select plan_id, unnest([1, 2]) as n from plan
