select sample_number, ph from (pivot result on analysis using max(entry) group by sample_number)
