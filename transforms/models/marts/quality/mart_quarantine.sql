select
    workspace_id,
    batch_id,
    source,
    source_file,
    source_line,
    kind,
    rule,
    column_name,
    raw,
    observed_at
from {{ ref('stg_quarantine') }}
