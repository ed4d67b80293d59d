select at::date as day, count(*) as n from reading where at is not null group by at::date
