with recursive r(a, b, c) as (select plan_id, name, plan_id from plan union all select a + 1, b, a from r where a < 9) select a, b, c from r
