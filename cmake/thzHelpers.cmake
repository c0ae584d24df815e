# thz_add_library(NAME folder-relative sources...): target thz_NAME, alias thz::NAME, include/ public.
set(THZ_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, comma separated; empty for none")

option(THZ_UNITY_BUILD "Compile several sources as one; OFF gives each file a compile command of its own" ON)

# The headers of Eigen, Catch2, CLI11 and nlohmann-json are most of a build: the sources of a target compile
# together, in even units of at most eight. A target that wants other units calls thz_unity_group.
function(thz_unite_sources target)
  get_target_property(sources ${target} SOURCES)
  list(LENGTH sources count)
  math(EXPR units "(${count} + 7) / 8")
  math(EXPR size "(${count} + ${units} - 1) / ${units}")
  set_target_properties(${target} PROPERTIES
    UNITY_BUILD ${THZ_UNITY_BUILD} UNITY_BUILD_MODE BATCH UNITY_BUILD_BATCH_SIZE ${size})
endfunction()

function(thz_configure_target target)
  thz_unite_sources(${target})
  target_compile_features(${target} PUBLIC cxx_std_17)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow
    $<$<BOOL:${THZ_WARNINGS_AS_ERRORS}>:-Werror>)
  if(THZ_SANITIZE)
    # GCC 12 takes its own instrumentation of std::function and std::regex for uninitialised reads.
    target_compile_options(${target} PRIVATE -fsanitize=${THZ_SANITIZE} -fno-omit-frame-pointer
      $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_options(${target} PUBLIC -fsanitize=${THZ_SANITIZE})
  endif()
endfunction()

# thz_unity_group(TARGET GROUP sources...): these sources compile as one unit. In a target with groups a
# source without one compiles alone.
function(thz_unity_group target group)
  set_target_properties(${target} PROPERTIES UNITY_BUILD_MODE GROUP)
  set_source_files_properties(${ARGN} TARGET_DIRECTORY ${target} PROPERTIES UNITY_GROUP ${group})
endfunction()

# thz_compile_lightly(TARGET): for code that only parses, prints or checks; a third of its compile time is
# optimisation that nobody would notice.
function(thz_compile_lightly target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

function(thz_add_library name)
  add_library(thz_${name} STATIC ${ARGN})
  add_library(thz::${name} ALIAS thz_${name})
  set_target_properties(thz_${name} PROPERTIES EXPORT_NAME ${name})
  set_property(GLOBAL APPEND PROPERTY THZ_LIBRARIES ${name})
  target_include_directories(thz_${name} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  thz_configure_target(thz_${name})
  install(TARGETS thz_${name} EXPORT thzfaceTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  if(IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include)
    install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  endif()
endfunction()

# Programs land in one place, whatever folder made them.
function(thz_add_program name)
  add_executable(${name} ${ARGN})
  thz_configure_target(${name})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# thz_add_test(NAME sources...): one Catch2 program for a library, its cases registered with CTest.
function(thz_add_test name)
  add_executable(thz_${name}_tests ${ARGN})
  thz_configure_target(thz_${name}_tests)
  target_link_libraries(thz_${name}_tests PRIVATE Catch2::Catch2WithMain thz::core)
  target_include_directories(thz_${name}_tests PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_compile_definitions(thz_${name}_tests PRIVATE THZ_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND thz_${name}_tests)
endfunction()
