select
    workspace_id,
    name,
    zone,
    plan,
    synthetic
from {{ source('raw', 'workspace') }}
