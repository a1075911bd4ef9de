{{ config(materialized=grown(), incremental_strategy='append', post_hook='{{ give_up_room() }}') }}
-- depends_on: {{ ref('int_post_wide') }}
-- depends_on: {{ ref('int_post_falls') }}
-- depends_on: {{ ref('stg_account_reading') }}
-- depends_on: {{ ref('stg_batch_owner') }}
select
    workspace_id,
    source,
    batch_id,
    contents,
    observations
from {{ ref('int_batches_pending') }}
