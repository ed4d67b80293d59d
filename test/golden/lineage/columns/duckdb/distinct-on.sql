select distinct on (sample_number) sample_number, entry from result order by sample_number, changed_on desc
