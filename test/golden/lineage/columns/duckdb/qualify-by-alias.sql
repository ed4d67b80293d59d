select sample_number, entry, dense_rank() over (order by changed_on desc) as age from result qualify age <= 3
