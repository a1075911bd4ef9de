-- A table, for the length of one build: batches that land beside a build of a shared warehouse wait for the next.
{{ config(materialized=grown(), incremental_strategy='anew') }}
{%- set taken = earlier('int_batches_taken') -%}
select
    batches.workspace_id,
    batches.source,
    batches.batch_id,
    batches.contents,
    batches.observations
from {{ source('raw', 'batch') }} as batches
{%- if taken %}
left join {{ taken }} as taken
    on
        batches.workspace_id = taken.workspace_id
        and batches.source = taken.source
        and batches.batch_id = taken.batch_id
        and batches.contents = taken.contents
        and batches.observations = taken.observations
{%- endif %}
where {{ known('batches.observed_at') }}
{%- if taken %} and taken.batch_id is null{% endif %}
