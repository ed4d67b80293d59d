with daily as (
  select plan_name, analysis, login_date::date as sampled_on, count(*) as results, avg(numeric_entry) as mean, any_value(units) as units
  from result r join sample s on s.sample_number = r.sample_number
  where numeric_entry is not null and plan_name is not null
  group by plan_name, analysis, sampled_on
), climate as (
  select location as city, month(date) as month, day(date) as day, avg(temp_max) as temperature from weather group by all
)
select d.*, c.temperature as usual_temperature
from daily d
left join climate c on c.month = month(d.sampled_on) and c.day = day(d.sampled_on) and c.city = d.plan_name
order by sampled_on, plan_name, analysis
