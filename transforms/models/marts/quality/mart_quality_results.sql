select
    workspace_id,
    batch_id,
    source,
    source_file,
    kind,
    rule,
    column_name,
    severity,
    rows_checked,
    rows_failed,
    examples,
    observed_at,
    landed_at
from {{ ref('stg_quality_result') }}
