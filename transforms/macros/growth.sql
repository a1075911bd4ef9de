{#-
    How tables grow with what was received, and what they hold to: a build takes in the batches that no build before it
    has finished with (int_batches_pending), recomputes the posts those batches speak of (int_posts_touched) and notes
    the batches as taken (int_batches_taken) when everything else is done. A build that stops half-way has noted nothing,
    so the next one takes the same batches again; every pick is a maximum over a total order, so taking a batch twice
    changes nothing.
-#}

{% macro grows() -%}
    {#-
        Whether this model adds to what it already holds. A first build, a full refresh, a build as of an earlier instant
        and one that finds no note of what was taken in start from nothing. True while dbt parses, so that it sees every
        `ref` behind the condition.
    -#}
    {{ return(not execute or (is_incremental() and earlier('int_batches_taken') is not none)) }}
{%- endmacro %}


{% macro post_key() -%}
    {{ return(['workspace_id', 'platform', 'account_id', 'post_id']) }}
{%- endmacro %}


{% macro of_pending(row) -%}
    {#- Join: only rows that came in with a batch that is still to be taken in. Stands behind the table in `from`. -#}
    semi join {{ ref('int_batches_pending') }} as pending
        on {{ row }}.workspace_id = pending.workspace_id and {{ row }}.batch_id = pending.batch_id
{%- endmacro %}


{% macro of_touched(row, post='post_id', reread=none) -%}
    {#-
        Join: only rows of posts that are recomputed in this build; `reread` narrows it to posts that are (not) read anew.
        Joins, because DuckDB reads the whole history twice for the same thing said with `exists`.
    -#}
    semi join {{ ref('int_posts_touched') }} as touched
        on
            {{ row }}.workspace_id = touched.workspace_id
            and {{ row }}.platform = touched.platform
            and {{ row }}.account_id = touched.account_id
            and {{ row }}.{{ post }} = touched.post_id
            {%- if reread is not none %}
            and {{ 'touched.reread' if reread else 'not touched.reread' }}
            {%- endif %}
{%- endmacro %}


{% macro earlier(model) -%}
    {#- A relation as the build before this one left it, or nothing. Named without `ref`: it depends on the caller. -#}
    {% if not execute or flags.FULL_REFRESH or var('as_known_at', none) -%}
        {{ return(none) }}
    {%- endif %}
    {{ return(adapter.get_relation(database=this.database, schema='intermediate', identifier=model)) }}
{%- endmacro %}


{% macro named_fields(fields) -%}
    {#- One value made of named parts, compared part by part: `max` over it picks the newest of several rows. -#}
    {{ return(adapter.dispatch('named_fields')(fields)) }}
{%- endmacro %}

{% macro default__named_fields(fields) -%}
    struct_pack(
        {%- for name, value in fields.items() %}{{ name }} := {{ value }}{{ ', ' if not loop.last }}{% endfor -%}
    )
{%- endmacro %}


{% macro spark__named_fields(fields) -%}
    named_struct(
        {%- for name, value in fields.items() %}'{{ name }}', {{ value }}{{ ', ' if not loop.last }}{% endfor -%}
    )
{%- endmacro %}


{% macro fingerprint(columns) -%}
    {#- An integer of 64 bits made of the columns: equal where they are, and hardly ever where they are not. -#}
    {{ return(adapter.dispatch('fingerprint')(columns)) }}
{%- endmacro %}

{% macro default__fingerprint(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__fingerprint(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}


{% macro grown() -%}
    {#- Materialisation of a table that grows with what was received; Spark makes it anew. -#}
    {{ return('incremental' if target.type == 'duckdb' else 'table') }}
{%- endmacro %}


{% macro forget_touched() -%}
    {#- Deletes the rows of the posts that are recomputed, in the transaction that writes them again. -#}
    {%- if grows() -%}
        delete from {{ this }} as held
        using {{ ref('int_posts_touched') }} as touched
        where
            held.workspace_id = touched.workspace_id
            and held.platform = touched.platform
            and held.account_id = touched.account_id
            and held.post_id = touched.post_id
    {%- else -%}
        {{ forget_all() }}
    {%- endif -%}
{%- endmacro %}


{% macro forget_all() -%}
    {#- Deletes what a table holds when it cannot be added to. -#}
    {%- if is_incremental() and not grows() -%}
        delete from {{ this }}
    {%- endif -%}
{%- endmacro %}


{% macro first_reading_of_touched() -%}
    {#- The instant of the first reading of any post that is recomputed, as text; nothing when none has a reading. -#}
    {%- set found = run_query(
        'select cast(min(held.first_observed_at) as varchar) from ' ~ ref('int_post_reading_brackets') ~ ' as held '
        ~ of_touched('held')
    ) -%}
    {{ return(found.columns[0].values()[0]) }}
{%- endmacro %}
